// What the keys of the inbox do (which key is which: web/shortcuts.py).
import { closeMenus, enterMenu } from "./menus.js";
import { advance, goBack, leaveOpen, openConversation, step, stepTo } from "./navigate.js";
import { sendFor } from "./quick.js";
import { keysOf, offer } from "./shortcuts.js";
import { isTyping } from "./typing.js";

const openPane = () => document.querySelector("#conversation[data-id]");
const focusedRow = () => document.activeElement?.closest?.("#lines > [data-id]");

function write(mode, field) {
  const tab = document.getElementById(mode);
  if (!tab) return;
  tab.checked = true;
  (document.getElementById(field) ?? document.getElementById("reply-box")).focus();
}

// The control of the open conversation that has this key: a form is sent, a menu opened and entered, what stands in a
// menu focused there.
const controlFor = (name) => document.querySelector(`#conversation [data-key="${CSS.escape(keysOf(name) ?? "")}"]`);

function press(name) {
  const control = controlFor(name);
  const menu = control?.closest("details.menu");
  if (control instanceof HTMLFormElement) control.requestSubmit();
  else if (control?.matches("summary")) enterMenu(menu);
  else if (menu) enterMenu(menu, control.querySelector("button, input:not([type=hidden])"));
  else control?.click();
}

// The row that has the focus where another conversation is open, or none.
function selectedRow() {
  const row = focusedRow();
  return row && row.dataset.id !== openPane()?.dataset.id ? row : null;
}

const onRow = (name) => () => {
  const row = selectedRow();
  if (!row) press(name);
  else sendFor(row, keysOf(name), () => name === "assign" || advance(row));
};

const onceOpen = (action) => () => {
  const row = selectedRow();
  if (row) openConversation(row.querySelector(".row-link").href).then(action);
  else action();
};

function openFocused() {
  const row = document.activeElement?.closest?.(".row-link") ?? document.querySelector("#lines .row-link");
  row?.click();
}

// It is left first: what is looked at is read.
async function markUnread() {
  const row = selectedRow() ?? document.getElementById(`line-${openPane()?.dataset.id}`);
  if (!row) return;
  if (row.dataset.id === openPane()?.dataset.id) await leaveOpen(row);
  sendFor(row, keysOf("unread"), () => {});
}

// From message to message, from the last one where none has the focus.
function stepEntry(direction) {
  const entries = [...document.querySelectorAll("#thread .entry")];
  const here = entries.indexOf(document.activeElement?.closest?.("#thread .entry"));
  const next = here === -1 ? entries.at(direction < 0 ? -1 : 0) : entries[here + direction];
  if (!next) return;
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function leave() {
  if (closeMenus()) return;
  if (isTyping(document.activeElement)) document.activeElement.blur();
  else goBack();
}

const canAct = (name) => () => Boolean(selectedRow() ?? controlFor(name));
const isOpen = () => Boolean(openPane() ?? focusedRow());

export function watchKeys() {
  const moves = { repeats: true };
  offer("next", () => step(1), moves);
  offer("previous", () => step(-1), moves);
  offer("first", () => stepTo(0), { when: () => Boolean(focusedRow()) });
  offer("last", () => stepTo(-1), { when: () => Boolean(focusedRow()) });
  offer("take", () => document.getElementById("take-next")?.requestSubmit(), { when: () => Boolean(document.getElementById("take-next")) });
  offer("follow", () => press("follow"), { when: () => Boolean(controlFor("follow")) });
  offer("open", openFocused, { when: () => Boolean(document.querySelector("#lines .row-link")) });
  offer("new", () => document.getElementById("waiting")?.click(), { when: () => Boolean(document.getElementById("waiting")) });
  offer("search", () => document.getElementById("search").select());
  offer("reply", onceOpen(() => write("mode-reply", "reply-text")), { when: isOpen });
  offer("note", onceOpen(() => write("mode-note", "note-text")), { when: isOpen });
  for (const name of ["assign", "close", "noise"]) offer(name, onRow(name), { when: canAct(name) });
  for (const name of ["snooze", "team", "tags"]) offer(name, onceOpen(() => press(name)), { when: isOpen });
  offer("unread", markUnread, { when: isOpen });
  offer("earlier", () => stepEntry(-1), { when: () => Boolean(openPane()), repeats: true });
  offer("later", () => stepEntry(1), { when: () => Boolean(openPane()), repeats: true });
  offer("send", (event) => event.target.closest?.("#composer form")?.requestSubmit(), {
    when: () => Boolean(document.activeElement?.closest?.("#composer form")),
    typing: true,
  });
  offer("back", (event) => (document.querySelector("dialog[open]") ? false : leave(event)), { typing: true });
}
