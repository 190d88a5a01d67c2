// Shows who else is in a conversation: at its row, in its head and at the reply box.

let there = {};

const others = (id) => (there[id] ?? []).filter(([person]) => String(person) !== document.body.dataset.me);
const sentence = (name, doing) => document.getElementById("presence-words").dataset[doing].replace("{name}", name);
const initials = (name) => name.split(/\s+/).filter(Boolean).map((word) => [...word][0]).filter((_, at, all) => !at || at === all.length - 1).join("").toUpperCase();

// Only what differs is written: a live region would say it again.
function say(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}

function mark(item) {
  const here = others(item.dataset.id).filter(([, , doing]) => doing !== "draft");
  const words = here.map(([, name, doing]) => sentence(name, doing)).join(", ");
  let badge = item.querySelector(".row-there");
  if (!here.length) return badge?.remove();
  if (!badge) {
    badge = document.createElement("span");
    badge.className = "row-there";
    badge.append(document.createElement("span"), document.createElement("span"));
    badge.firstChild.setAttribute("aria-hidden", "true");
    badge.lastChild.className = "sr-only";
    item.querySelector(".row-end").prepend(badge);
  }
  badge.title = words;
  badge.classList.toggle("is-writing", here.some(([, , doing]) => doing !== "viewing"));
  say(badge.firstChild, here.map(([, name]) => initials(name)).join(" "));
  say(badge.lastChild, words);
}

function show() {
  if (!document.getElementById("presence-words")) return;
  for (const item of document.querySelectorAll("#lines > [data-id]")) mark(item);
  const id = document.querySelector("#conversation[data-id]")?.dataset.id;
  const here = id ? others(id) : [];
  const words = (...kinds) => here.filter(([, , doing]) => kinds.includes(doing)).map(([, name, doing]) => sentence(name, doing)).join(" · ");
  say(document.getElementById("pane-there"), words("viewing", "noting"));
  say(document.getElementById("box-there"), words("replying", "draft"));
}

export function paint(fresh) {
  there = fresh;
  show();
}

export function keepPainted() {
  for (const name of ["htmx:afterSettle", "htmx:oobAfterSwap"]) document.body.addEventListener(name, show);
}
