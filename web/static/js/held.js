// The list stays as the reader took it up: its rows change in place, what is new waits above it. What the reader
// themselves did away with leaves; what others did is only marked.
import { listAnew, refreshSoon } from "./news.js";

const ours = new Set();
const lines = () => document.getElementById("lines");
const idOf = (row) => row.dataset.id;

// The conversation that the address names, and that is open or on its way.
export const openId = () => location.pathname.match(/\/c\/(\d+)$/)?.[1] ?? "";

// What the server needs to know of the list to bring it up to date, nothing where there is none to hold.
export function heldRows() {
  const rows = [...document.querySelectorAll("#lines > [data-id]")].map(idOf);
  if (!rows.length) return {};
  return { rows: rows.join(","), top: lines().dataset.top, after: document.getElementById("more")?.dataset.after ?? "" };
}

export function leftByUs(ids) {
  for (const id of ids) if (id) ours.add(String(id));
}

function settle() {
  const list = lines();
  if (!list) return;
  for (const row of list.querySelectorAll(":scope > .is-gone")) {
    if (!ours.has(idOf(row)) || row.contains(document.activeElement)) continue;
    ours.delete(idOf(row));
    row.remove();
  }
  if (!list.querySelector(":scope > [data-id]") && !document.getElementById("more")) refreshSoon();
}

async function showNew() {
  ours.clear();
  await listAnew();
  document.getElementById("list-scroll").scrollTop = 0;
  if (document.activeElement === document.body) document.querySelector("#lines .row-link")?.focus();
}

// What was asked before the reader went on, to another queue, further down or to another conversation, is told of what
// is not on show any more.
const isOutdated = {
  list: (fresh, shown) =>
    fresh.dataset.asked !== shown.dataset.asked ||
    fresh.dataset.open !== openId() ||
    (fresh.dataset.held && fresh.dataset.held !== heldRows().rows),
  conversation: (fresh) => fresh.dataset.id !== openId(),
};

function sort(event) {
  const { target, fragment } = event.detail;
  const fresh = target.id in isOutdated && fragment?.querySelector(`#${target.id}`);
  if (!fresh || !isOutdated[target.id](fresh, target)) return;
  event.detail.shouldSwap = false;
  refreshSoon();
}

export function watchHeldRows() {
  document.body.addEventListener("htmx:oobBeforeSwap", sort);
  document.addEventListener("click", (event) => event.target.closest("[data-show-new]") && showNew());
  document.body.addEventListener("htmx:oobAfterSwap", (event) => event.detail.target.id === "list" && settle());
  document.addEventListener("focusin", settle);
}
