// The command palette: everything that can be done here, found by a few letters, by keyboard alone.
import { commands } from "./commands.js";
import { score } from "./fuzzy.js";
import { closeMenus } from "./menus.js";
import { offer } from "./shortcuts.js";

const most = 50;
const least = 0.4; // of the best fit: letters strewn over a long name are no find
let dialog = null;
let shown = [];
let chosen = 0;

const input = () => document.getElementById("palette-input");
const list = () => document.getElementById("palette-list");

function found(typed) {
  const all = commands();
  if (!typed.trim()) return all.slice(0, most);
  const scored = all.map((command) => ({ command, fit: score(typed, `${command.label} ${command.group}`) }));
  const best = Math.max(...scored.map(({ fit }) => fit));
  const fits = scored.filter(({ fit }) => fit > best * least).sort((a, b) => b.fit - a.fit);
  return [...fits.slice(0, most).map(({ command }) => command), ...searchFor(typed.trim())];
}

// What is no command is looked for in mentions and people.
function searchFor(typed) {
  const address = document.querySelector("#places a")?.pathname;
  if (!address) return [];
  return [{ group: "Search", label: `Search mentions and people for “${typed}”`, keys: "", run: () => search(address, typed) }];
}

function search(address, typed) {
  const field = document.getElementById("search");
  if (!field) return location.assign(`${address}?q=${encodeURIComponent(typed)}`);
  field.value = typed;
  field.form.requestSubmit();
  return null;
}

function option(command, place) {
  const item = document.createElement("li");
  item.className = "palette-item";
  item.id = `command-${place}`;
  item.role = "option";
  item.ariaSelected = "false";
  const name = document.createElement("span");
  name.className = "cut";
  name.dir = "auto";
  name.textContent = command.label;
  const group = document.createElement("span");
  group.className = "palette-group";
  group.textContent = command.group;
  const keys = document.createElement("span");
  keys.className = "palette-keys";
  for (const key of command.keys.split(/[ +]/).filter(Boolean)) {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    keys.append(cap);
  }
  item.append(name, group, keys);
  return item;
}

function choose(place) {
  const items = list().children;
  items[chosen]?.setAttribute("aria-selected", "false");
  chosen = place;
  const item = items[chosen];
  if (!item) return input().removeAttribute("aria-activedescendant");
  item.setAttribute("aria-selected", "true");
  item.scrollIntoView({ block: "nearest" });
  return input().setAttribute("aria-activedescendant", item.id);
}

function fill() {
  shown = found(input().value);
  list().replaceChildren(...shown.map(option));
  document.getElementById("palette-none").textContent = shown.length ? "" : "No command fits.";
  choose(0);
}

function open() {
  if (dialog.open) return dialog.close();
  if (document.querySelector("dialog[open]")) return null;
  closeMenus();
  shown = [];
  input().value = "";
  fill();
  dialog.showModal();
  return input().focus();
}

// The page may have changed under the open palette: the same command is looked up again.
function run(command) {
  if (!command) return;
  dialog.close();
  const fresh = commands().find(({ label, group }) => label === command.label && group === command.group) ?? command;
  fresh.run({ target: document.activeElement });
}

function pressed(event) {
  const last = shown.length - 1;
  const places = {
    ArrowDown: chosen === last ? 0 : chosen + 1,
    ArrowUp: chosen <= 0 ? last : chosen - 1,
    PageDown: Math.min(last, chosen + 8),
    PageUp: Math.max(0, chosen - 8),
  };
  if (event.isComposing) return;
  if (event.key === "Enter") run(shown[chosen]);
  else if (event.key in places) choose(places[event.key]);
  else return;
  event.preventDefault();
}

export function watchPalette() {
  dialog = document.getElementById("palette");
  if (!dialog) return;
  offer("palette", open, { typing: true });
  input().addEventListener("input", fill);
  dialog.addEventListener("keydown", pressed);
  dialog.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) run(shown[[...list().children].indexOf(item)]);
    else if (event.target === dialog) dialog.close();
  });
  document.addEventListener("click", (event) => event.target.closest("[data-palette]") && open());
}
