// The list stays as the reader took it up: its rows change in place, what is new waits above it. What the reader
// themselves did away with leaves; what others did is only marked.
import { listAnew, refreshSoon } from "./news.js";

const ours = new Set();
const lines = () => document.getElementById("lines");
const idOf = (row) => row.dataset.id;

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

// What was asked of a list that has been replaced since, by another queue or by more of it, is told of the wrong one.
function outdated(event) {
  const { target, fragment } = event.detail;
  const fresh = target.id === "list" && fragment?.querySelector("#list");
  if (!fresh) return;
  const isOther = fresh.dataset.asked !== target.dataset.asked;
  const isChanged = fresh.dataset.held && fresh.dataset.held !== heldRows().rows;
  if (!isOther && !isChanged) return;
  event.detail.shouldSwap = false;
  refreshSoon();
}

export function watchHeldRows() {
  document.body.addEventListener("htmx:oobBeforeSwap", outdated);
  document.addEventListener("click", (event) => event.target.closest("[data-show-new]") && showNew());
  document.body.addEventListener("htmx:oobAfterSwap", (event) => event.detail.target.id === "list" && settle());
  document.addEventListener("focusin", settle);
}
