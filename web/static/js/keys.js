// One key, one action. Never while somebody types, nor together with Ctrl, Alt or Command.
import { isTyping } from "./keysheet.js";
import { closeMenus } from "./menus.js";
import { goBack, step } from "./navigate.js";

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

const openFocused = () => {
  const row = document.activeElement?.closest?.(".row-link") ?? document.querySelector("#lines .row-link");
  row?.click();
};

const actions = {
  j: () => step(1),
  k: () => step(-1),
  o: openFocused,
  r: write("mode-reply", "reply-text"),
  n: write("mode-note", "note-text"),
  a: press("a"),
  s: press("s"),
  e: press("e"),
  "#": press("#"),
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
