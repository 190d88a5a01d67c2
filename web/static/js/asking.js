// The search box offers its filters and their values while somebody types: a list below it, walked by the arrow keys,
// taken by Enter or Tab. What is not taken stays as it was typed.

const token = /(-?)(?:([a-z]+):)?("?)([^\s":]*)$/i;
const most = 16;

let filters = null;
let active = -1;

const box = () => document.getElementById("search");
const list = () => document.getElementById("search-words");
const options = () => [...list().children];

async function load() {
  filters ??= fetch(box().dataset.words).then((answer) => (answer.ok ? answer.json() : []));
  return filters;
}

const starts = (word, typed) => word.toLowerCase().startsWith(typed.toLowerCase());
const quoted = (value) => (/[\s,]/.test(value) ? `"${value}"` : value);

function offersFor(known, typed) {
  const [, minus, key, , rest] = token.exec(typed);
  if (key) {
    const filter = known.find((one) => one.key === key.toLowerCase());
    const values = filter?.values.filter((value) => starts(value, rest) && value.toLowerCase() !== rest.toLowerCase()) ?? [];
    return values.map((value) => ({ text: `${minus}${key}:${quoted(value)} `, shown: value, hint: "" }));
  }
  if (!rest && typed.trim()) return [];
  return known.filter((one) => starts(one.key, rest)).map((one) => ({ text: `${minus}${one.key}:`, shown: `${one.key}:`, hint: rest || one.values.length ? one.hint : one.example }));
}

function option({ text, shown, hint }, place) {
  const item = document.createElement("li");
  item.id = `search-word-${place}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.text = text;
  for (const words of [shown, hint].filter(Boolean)) {
    const part = document.createElement("span");
    part.textContent = words;
    item.append(part);
  }
  return item;
}

const beforeCaret = () => box().value.slice(0, box().selectionStart ?? box().value.length);

async function offer() {
  const known = await load();
  if (document.activeElement !== box()) return;
  const found = offersFor(known, beforeCaret()).slice(0, most);
  list().replaceChildren(...found.map(option));
  select(-1);
  show(found.length > 0);
}

function show(isOpen) {
  list().hidden = !isOpen;
  box().setAttribute("aria-expanded", String(isOpen));
}

function select(place) {
  active = place;
  options().forEach((item, number) => item.setAttribute("aria-selected", String(number === place)));
  const item = options()[place];
  if (item) {
    box().setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  } else box().removeAttribute("aria-activedescendant");
}

function take(item) {
  const before = beforeCaret();
  const after = box().value.slice(before.length);
  const start = before.replace(token, "") + item.dataset.text;
  box().value = start + after.trimStart();
  box().setSelectionRange(start.length, start.length);
  offer();
}

function step(direction) {
  const count = options().length;
  select(active === -1 ? (direction > 0 ? 0 : count - 1) : (active + direction + count) % count);
}

function pressed(event) {
  if (list().hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  const chosen = options()[active];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1);
  else if (chosen && event.key === "Escape") show(false);
  else if (chosen && (event.key === "Enter" || event.key === "Tab")) take(chosen);
  else {
    if (event.key === "Enter" || event.key === "Escape") show(false); // and then what the key does elsewhere
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

export function watchAsking() {
  const inBox = (action) => (event) => event.target.id === "search" && action(event);
  document.addEventListener("input", inBox(offer));
  document.addEventListener("focusin", inBox(offer));
  document.addEventListener("focusout", inBox(() => show(false)));
  document.addEventListener("keydown", inBox(pressed), true);
  document.addEventListener("pointerdown", (event) => {
    const item = event.target.closest?.("#search-words > [role=option]");
    if (!item) return;
    event.preventDefault(); // the box keeps the focus
    take(item);
  });
}
