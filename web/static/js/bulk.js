// Selecting rows and doing one thing to all of them. Space takes a row, Shift with j or k a range, * all that are shown;
// with a selection, a, e and # act on it. Which rows are selected is said by their boxes alone.
import { isTyping } from "./typing.js";

const pollMs = 1000;
let every = 0; // the number of all that match, where all of them are selected
let poll = null;

const boxes = () => [...document.querySelectorAll('#lines input[name="pick"]')];
const picked = () => boxes().filter((box) => box.checked);
const bar = () => document.getElementById("bulk-bar");
const rowOf = (node) => node?.closest?.("#lines > [data-id]");
const boxOf = (row) => row?.querySelector('input[name="pick"]');

function show() {
  if (!bar()) return;
  const count = picked().length;
  if (!count) every = 0;
  bar().hidden = !count;
  document.getElementById("list").classList.toggle("is-picking", count > 0);
  document.getElementById("bulk-count").textContent = every ? `All ${every.toLocaleString("en")} selected` : `${count} selected`;
  const all = document.getElementById("bulk-all");
  const isWhole = count > 0 && count === boxes().length && document.getElementById("more");
  if (!isWhole || every) all.replaceChildren();
  else if (!all.childElementCount && !all.dataset.asked) {
    all.dataset.asked = "1";
    htmx.ajax("GET", all.dataset.address, { source: all, target: all, swap: "innerHTML" }).finally(() => delete all.dataset.asked);
  }
}

function pick(list, isOn = true) {
  every = 0;
  for (const box of list) if (box) box.checked = isOn;
  show();
}

const none = () => pick(boxes(), false);

function step(direction) {
  const here = rowOf(document.activeElement);
  const next = direction > 0 ? here?.nextElementSibling : here?.previousElementSibling;
  pick([boxOf(here)]);
  if (!next?.dataset.id) return;
  pick([boxOf(next)]);
  next.querySelector(".row-link").focus();
  next.scrollIntoView({ block: "nearest" });
}

function toggleAll() {
  const isOn = picked().length < boxes().length;
  pick(boxes(), isOn);
}

const press = (key) => bar().querySelector(`[data-bulk-key="${key}"]`)?.requestSubmit();

function pressed(event) {
  if (!bar() || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open], details.menu[open]")) return;
  const row = rowOf(event.target);
  const isOnLink = event.target.matches?.(".row-link");
  const any = picked().length > 0;
  if (event.key === " " && isOnLink) pick([boxOf(row)], !boxOf(row).checked);
  else if (event.key === "J" && row) step(1);
  else if (event.key === "K" && row) step(-1);
  else if (event.key === "*") toggleAll();
  else if (event.key === "Escape" && any) none();
  else if (any && ["a", "e", "#"].includes(event.key)) press(event.key);
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function fill(event) {
  if (!event.detail.elt.matches?.("[data-bulk]")) return;
  const { parameters } = event.detail;
  if (every) parameters.append("all", "1");
  else for (const box of picked()) parameters.append("c", `${box.value}.${rowOf(box).dataset.version}`);
}

// ---- what goes on ----

async function fetchJobs() {
  const place = document.getElementById("jobs");
  if (!place) return;
  await htmx.ajax("GET", place.dataset.jobs, { source: place, target: place, swap: "morph:innerHTML" });
  clearTimeout(poll);
  if (!place.querySelector("[data-moving]") || document.hidden) return;
  poll = setTimeout(fetchJobs, pollMs);
}

let last = null;

function clicked(event) {
  const box = event.target.closest?.('input[name="pick"]');
  if (box) {
    const all = boxes();
    const from = all.indexOf(last);
    const to = all.indexOf(box);
    if (event.shiftKey && from !== -1) pick(all.slice(Math.min(from, to), Math.max(from, to) + 1), box.checked);
    else pick([box], box.checked);
    last = box;
  } else if (event.target.closest("[data-pick-none]")) none();
  else if (event.target.closest("[data-pick-every]")) {
    every = Number(event.target.closest("[data-pick-every]").dataset.pickEvery);
    show();
  }
}

export function watchBulk() {
  document.addEventListener("keydown", pressed, true);
  document.addEventListener("click", clicked);
  document.body.addEventListener("htmx:configRequest", fill);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.elt.matches?.("[data-bulk]")) none();
  });
  document.body.addEventListener("htmx:afterSettle", show);
  document.body.addEventListener("hearken:bulk", fetchJobs);
  document.addEventListener("visibilitychange", () => document.hidden || fetchJobs());
  fetchJobs();
  show();
}
