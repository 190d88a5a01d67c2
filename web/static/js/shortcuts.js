// Keys and what they do. The keys stand on the sheet that the server writes (web/shortcuts.py); modules offer what a
// name does, and the palette shows the same.
import { isTyping } from "./typing.js";

const patienceMs = 1500;
const offered = new Map();
let begun = "";
let timer = null;

// `run` does it; `when` says whether it can be done now; `repeats` where a key that is held down may go on; `typing`
// where it counts while somebody writes, and in a dialog.
export function offer(name, run, { when = () => true, repeats = false, typing = false } = {}) {
  offered.set(name, { run, when, repeats, typing });
}

const rows = () => document.querySelectorAll("#keys [data-name]");

export function shortcuts() {
  return [...rows()]
    .filter(({ dataset }) => offered.get(dataset.name)?.when())
    .map((row) => ({
      name: row.dataset.name,
      keys: row.dataset.keys,
      label: row.nextElementSibling.textContent,
      group: row.closest("section").querySelector("h3").textContent,
      run: offered.get(row.dataset.name).run,
    }));
}

export const keysOf = (name) => document.querySelector(`#keys [data-name="${name}"]`)?.dataset.keys;

export const labelOf = (keys) =>
  document.querySelector(`#keys [data-name][data-keys="${CSS.escape(keys)}"]`)?.nextElementSibling.textContent;

// The key as the sheet names it. A letter of another alphabet is taken for the one on its key; a sign counts however it
// is typed, be it with Alt or AltGr; with caps lock letters stay small.
export function keyOf(event) {
  if (event.key === "Escape") return "Esc";
  const viaAltGr = event.getModifierState?.("AltGraph") || (event.altKey && !event.metaKey && /^[^\p{L}\p{N}]$/u.test(event.key));
  if ((event.ctrlKey || event.metaKey) && !viaAltGr) return `Ctrl+${event.key.length === 1 ? latin(event).toUpperCase() : event.key}`;
  if (event.altKey && !viaAltGr) return "";
  const key = event.key.length === 1 ? latin(event) : event.key;
  return event.getModifierState?.("CapsLock") && !event.shiftKey ? key.toLowerCase() : key;
}

function latin(event) {
  if (!/^\p{L}$/u.test(event.key) || /^[a-z]$/i.test(event.key) || !/^Key[A-Z]$/.test(event.code)) return event.key;
  const letter = event.code.at(-1);
  return event.shiftKey ? letter : letter.toLowerCase();
}

function found(keys) {
  const row = [...rows()].find(({ dataset }) => dataset.keys === keys);
  return row && offered.get(row.dataset.name);
}

const placeOf = (keys) => [...document.querySelectorAll("#keys [data-place]")].find(({ dataset }) => dataset.keys === keys)?.dataset.place;
const isBeginning = (key) => Boolean(document.querySelector(`#keys [data-keys^="${CSS.escape(key)} "]`));

function go(href) {
  const link = [...document.querySelectorAll("#places a")].find((place) => place.getAttribute("href") === href);
  link?.click();
}

function sequence(key) {
  clearTimeout(timer);
  const keys = begun ? `${begun} ${key}` : key;
  const place = placeOf(keys);
  begun = !begun && isBeginning(key) ? key : "";
  timer = setTimeout(() => (begun = ""), patienceMs);
  if (place) go(place);
  return Boolean(place || begun);
}

function pressed(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const key = keyOf(event);
  const inDialog = document.querySelector("dialog[open]");
  const isText = isTyping(event.target);
  const wasBegun = begun;
  if (key.length === 1 && !isText && !inDialog && sequence(key)) return event.preventDefault();
  if (wasBegun && key.length === 1) return;
  const action = found(key);
  if (!action || (event.repeat && !action.repeats)) return;
  if ((inDialog || isText) && !action.typing) return;
  if (action.when() && action.run(event) !== false) event.preventDefault();
}

export function watchShortcuts() {
  document.addEventListener("keydown", pressed);
}
