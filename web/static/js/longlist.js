// A list may be as long as it likes: only so many rows are kept, those around what is on show. The others are fetched
// again when the reader comes back to them.

const most = 200;
const list = () => document.getElementById("lines");
const scroller = () => document.getElementById("list-scroll");
const rowsOf = (lines) => [...lines.querySelectorAll(":scope > [data-id]")];

// A line that fetches a page when it comes into view.
function edge(id, address, text) {
  const item = document.createElement("li");
  item.className = "more";
  item.id = id;
  const button = document.createElement("button");
  button.className = "btn btn-quiet";
  button.type = "button";
  button.textContent = text;
  for (const [name, value] of Object.entries({ get: address, target: `#${id}`, swap: "outerHTML", trigger: "click, intersect once root:#list-scroll" })) {
    button.setAttribute(`hx-${name}`, value);
  }
  item.append(button);
  return item;
}

function addressOf(name, place) {
  const address = new URL(list().dataset.lines, location.href);
  address.searchParams.set(name, place);
  return address.pathname + address.search;
}

// What the reader looks at stays where it is while rows above it come or go.
function holding(anchor, change) {
  const before = anchor.getBoundingClientRect().top;
  change();
  scroller().scrollTop += anchor.getBoundingClientRect().top - before;
}

function dropAbove(rows) {
  const dropped = rows.slice(0, rows.length - most);
  const kept = rows[dropped.length];
  holding(kept, () => {
    document.getElementById("above")?.remove();
    dropped.forEach((row) => row.remove());
    const above = edge("above", addressOf("before", kept.dataset.place), "Show those above");
    list().prepend(above);
    htmx.process(above);
  });
}

function dropBelow(rows) {
  const last = rows[most - 1];
  rows.slice(most).forEach((row) => row.remove());
  document.getElementById("more")?.remove();
  const more = edge("more", addressOf("after", last.dataset.place), "Show more");
  more.dataset.after = last.dataset.place;
  list().append(more);
  htmx.process(more);
}

// One that moved up meanwhile may come a second time; the one that stands stays.
function withoutDoubles(fresh) {
  for (const row of fresh) {
    if (document.querySelectorAll(`#lines > [data-id="${row.dataset.id}"]`).length > 1) row.remove();
  }
}

function grewBelow() {
  const rows = rowsOf(list());
  if (rows.length > most && !rows.slice(0, rows.length - most).some((row) => row.contains(document.activeElement))) dropAbove(rows);
}

let before = null;

function swapping(event) {
  const id = event.detail.target?.id;
  if (id !== "more" && id !== "above") return;
  before = { id, rows: new Set(rowsOf(list())), anchor: rowsOf(list())[0] };
  before.top = before.anchor?.getBoundingClientRect().top;
}

function swapped() {
  if (!before || !list()) return;
  const { id, rows, anchor, top } = before;
  before = null;
  withoutDoubles(rowsOf(list()).filter((row) => !rows.has(row)));
  if (id === "more") return grewBelow();
  const first = rowsOf(list())[0];
  if (document.getElementById("above")) {
    const above = edge("above", addressOf("before", first.dataset.place), "Show those above");
    document.getElementById("above").replaceWith(above);
    htmx.process(above);
  }
  scroller().scrollTop += anchor.getBoundingClientRect().top - top;
  if (rowsOf(list()).length > most) dropBelow(rowsOf(list()));
}

export function watchLongList() {
  document.body.addEventListener("htmx:beforeSwap", swapping);
  document.body.addEventListener("htmx:afterSwap", swapped);
}
