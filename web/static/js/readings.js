// What Hearken understood of a mention: a panel at its chips. It shows while they are pointed at or have the focus, and
// stays once they are clicked. It floats where there is room, so that nothing moves.
import { light, unlight } from "./because.js";

const patienceMs = 250;
const gap = 8;
const floats = matchMedia("(width >= 800px)");

let peeked = null;
let opening = null;
let closing = null;
let isEscaping = false;
let isBelow = true;

const partsOf = (reading) => ({ chips: reading.firstElementChild, panel: reading.querySelector(".reading-panel") });
const openReading = () => document.querySelector("details.reading[open]");
const isFilled = (panel) => panel.childElementCount > 0;

// ---- opening and closing ----

function peekSoon(reading) {
  clearTimeout(closing);
  clearTimeout(opening);
  opening = setTimeout(() => {
    const another = document.querySelector("details.menu[open]");
    if (another && another !== peeked) return;
    if (peeked) peeked.open = false;
    peeked = reading;
    reading.open = true;
  }, patienceMs);
}

function leaveSoon() {
  clearTimeout(opening);
  clearTimeout(closing);
  closing = setTimeout(() => peeked && !peeked.contains(document.activeElement) && (peeked.open = false), patienceMs);
}

function toggled(event) {
  const reading = event.target.closest?.("details.reading");
  if (!reading) return;
  if (event.target !== reading) unfolded(reading, event.target);
  else if (reading.open) fill(reading);
  else {
    if (peeked === reading) peeked = null;
    if (!openReading()) unlight();
  }
}

function fill(reading) {
  const { panel } = partsOf(reading);
  if (isFilled(panel)) show(reading);
  else htmx.trigger(panel, "look");
}

function show(reading) {
  chooseSide(reading);
  place(reading);
  const words = [...reading.querySelectorAll(".because")].map((word) => word.textContent);
  light(words, reading.closest(".entry").querySelector(".prose"));
}

// More choices make it longer; it stays on its side of the chips.
function unfolded(reading, choices) {
  place(reading);
  if (choices.open) choices.scrollIntoView({ block: "nearest" });
}

// ---- where it floats: below the chips, or above them where only there is room ----

function chooseSide(reading) {
  const { chips, panel } = partsOf(reading);
  const { top, bottom } = chips.getBoundingClientRect();
  const below = innerHeight - bottom;
  isBelow = below >= panel.offsetHeight + 2 * gap || below >= top;
}

function place(reading) {
  const { chips, panel } = partsOf(reading);
  panel.removeAttribute("style");
  if (!floats.matches || !isFilled(panel)) return;
  const { left, top, bottom } = chips.getBoundingClientRect();
  panel.style.insetInlineStart = `${Math.max(gap, Math.min(left, innerWidth - panel.offsetWidth - gap))}px`;
  if (isBelow) panel.style.insetBlockStart = `${bottom + gap / 2}px`;
  else panel.style.insetBlockEnd = `${innerHeight - top + gap / 2}px`;
  panel.style.maxHeight = `${(isBelow ? innerHeight - bottom : top) - 2 * gap}px`;
}

function scrolled(event) {
  const reading = openReading();
  if (!reading || !floats.matches || event.target.closest?.(".reading-panel")) return;
  const view = document.getElementById("thread-scroll").getBoundingClientRect();
  const at = partsOf(reading).chips.getBoundingClientRect();
  const isInView = at.bottom > view.top && at.top < view.bottom;
  if (reading === peeked || !isInView) reading.open = false;
  else place(reading);
}

// ---- what the reader does ----

function pointed(event) {
  if (event.pointerType !== "mouse") return;
  const part = event.target.closest?.(".reading-chips, .reading-panel");
  if (!part) return leaveSoon();
  if (part.parentElement.open) clearTimeout(closing);
  else peekSoon(part.parentElement);
}

// A click on what is only shown keeps it; the next one closes it, as with every menu.
function clicked(event) {
  clearTimeout(opening);
  if (!peeked?.open || !peeked.contains(event.target)) return; // "toggle" tells of closing a moment late
  if (event.target.closest(".reading-chips")) event.preventDefault();
  peeked = null;
}

function focused(event) {
  const chips = event.target.closest?.(".reading-chips");
  if (!chips || isEscaping || !chips.matches(":focus-visible")) return;
  if (!chips.parentElement.contains(event.relatedTarget)) peekSoon(chips.parentElement);
}

function unfocused(event) {
  const reading = event.target.closest?.("details.reading");
  if (!reading || reading.contains(event.relatedTarget)) return;
  clearTimeout(opening);
  if (event.relatedTarget) reading.open = false;
}

function backToChips(reading) {
  isEscaping = true;
  partsOf(reading).chips.focus({ preventScroll: true });
  isEscaping = false;
}

function escaped(event) {
  const reading = openReading();
  if (event.key !== "Escape" || !reading) return;
  const hadFocus = reading.contains(document.activeElement);
  reading.open = false;
  if (hadFocus) backToChips(reading);
  event.preventDefault();
}

export function watchReadings() {
  document.addEventListener("toggle", toggled, true);
  document.addEventListener("pointerover", pointed);
  document.addEventListener("click", clicked, true);
  document.addEventListener("focusin", focused);
  document.addEventListener("focusout", unfocused);
  document.addEventListener("keydown", escaped, true);
  document.addEventListener("scroll", scrolled, true);
  document.addEventListener("submit", (event) => {
    const reading = event.target.closest("details.reading");
    if (reading) backToChips(reading);
  });
  addEventListener("resize", () => openReading() && place(openReading()));
  // It was filled, or a refresh emptied it because something else is read now.
  document.body.addEventListener("htmx:afterSettle", () => {
    const reading = openReading();
    if (reading) fill(reading);
  });
}
