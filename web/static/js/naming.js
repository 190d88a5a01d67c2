// @ in a note offers the names of colleagues: arrows choose, Enter or Tab takes one, Escape closes.
import { isTyping } from "./typing.js";

const most = 8;
const calling = /(?:^|[^\p{L}\p{N}])@([\p{L}\p{N}][\p{L}\p{N} .'-]{0,40}|)$/u;

let people = null;
let box = null;
let field = null;
let chosen = 0;

async function known() {
  people ??= fetch(field.dataset.names, { headers: { Accept: "application/json" } }).then((answer) => answer.json());
  return people.catch(() => (people = null) ?? []);
}

const called = () => field.value.slice(0, field.selectionStart).match(calling)?.[1];

function close() {
  box?.remove();
  box = null;
  field?.removeAttribute("aria-activedescendant");
}

function choose(at) {
  const options = [...box.children];
  chosen = (at + options.length) % options.length;
  options.forEach((option, number) => option.setAttribute("aria-selected", String(number === chosen)));
  options[chosen].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", options[chosen].id);
}

function take(name) {
  const end = field.selectionStart;
  const start = end - called().length;
  field.setRangeText(`${name} `, start, end, "end");
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

function offer(names) {
  close();
  box = document.createElement("ul");
  box.className = "names";
  box.id = "names";
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", "@");
  box.append(...names.map(option));
  field.after(box);
  field.setAttribute("aria-controls", "names");
  choose(0);
}

function option({ id, name }) {
  const item = document.createElement("li");
  item.id = `name-${id}`;
  item.setAttribute("role", "option");
  item.textContent = name;
  item.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    take(name);
  });
  return item;
}

async function look() {
  const begun = called();
  if (begun === undefined) return close();
  const plain = begun.toLowerCase();
  const fits = ({ name }) => name.toLowerCase().startsWith(plain) || name.toLowerCase().split(" ").some((word) => word.startsWith(plain));
  const found = (await known()).filter(fits).slice(0, most);
  const isWhole = found.length === 1 && found[0].name.toLowerCase() === plain.trim();
  if (called() !== begun) return;
  if (found.length && !isWhole) offer(found);
  else close();
}

function pressed(event) {
  if (!box || event.target !== field) return;
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) choose(chosen + moves[event.key]);
  else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) take(box.children[chosen].textContent);
  else if (event.key === "Tab") take(box.children[chosen].textContent);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

export function watchNames() {
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-names]") || !isTyping(event.target)) return;
    field = event.target;
    look();
  });
  document.addEventListener("keydown", pressed, true);
  document.addEventListener("focusout", (event) => event.target === field && close());
}
