// One key, one action. Never while somebody types, nor together with Ctrl, Alt or Command.
import { isTyping } from "./keysheet.js";
import { closeMenus } from "./menus.js";
import { advance, goBack, openConversation, step } from "./navigate.js";
import { sendFor } from "./quick.js";

const write = (mode, field) => () => {
  const tab = document.getElementById(mode);
  if (!tab) return;
  tab.checked = true;
  (document.getElementById(field) ?? document.getElementById("reply-box")).focus();
};

// The control that data-key names: a form is sent, a summary unfolded.
const press = (key) => () => {
  const control = document.querySelector(`#conversation [data-key="${key}"]`);
  if (control instanceof HTMLFormElement) control.requestSubmit();
  else if (control) {
    control.click();
    control.parentElement.querySelector(".menu-panel button")?.focus();
  }
};

// The row that has the focus where another conversation is open, or none.
function selectedRow() {
  const item = document.activeElement?.closest?.("#lines > [data-id]");
  return item && item.dataset.id !== document.querySelector("#conversation[data-id]")?.dataset.id ? item : null;
}

const onRow = (key) => () => {
  const item = selectedRow();
  if (!item) press(key)();
  else sendFor(item, key, () => key === "a" || advance(item));
};

const onceOpen = (action) => () => {
  const item = selectedRow();
  if (item) openConversation(item.querySelector(".row-link").href).then(action);
  else action();
};

const openFocused = () => {
  const row = document.activeElement?.closest?.(".row-link") ?? document.querySelector("#lines .row-link");
  row?.click();
};

const actions = {
  j: () => step(1),
  k: () => step(-1),
  o: openFocused,
  r: onceOpen(write("mode-reply", "reply-text")),
  n: onceOpen(write("mode-note", "note-text")),
  a: onRow("a"),
  f: press("f"),
  x: () => document.getElementById("take-next")?.requestSubmit(),
  s: onceOpen(press("s")),
  e: onRow("e"),
  "#": onRow("#"),
  "/": () => document.getElementById("search").select(),
};

function leave() {
  if (closeMenus()) return;
  if (isTyping(document.activeElement)) document.activeElement.blur();
  else goBack();
}

export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.target.closest?.("#composer form")?.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") leave();
    else if (!isTyping(event.target) && actions[event.key]) {
      event.preventDefault();
      actions[event.key]();
    }
  });
}
