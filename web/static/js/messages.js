// Messages at the foot of the page go by themselves, those with an undo later; none while it is pointed at. They stand
// above the reply box where there is one: nobody's next step lies below them.
import { offer } from "./shortcuts.js";

const plainMs = 5000;
const undoMs = 10000;

function leaveLater(message) {
  if (message.dataset.left) return; // countdown.js ends it
  const wait = message.querySelector("form") ? undoMs : plainMs;
  setTimeout(() => (message.matches(":hover, :focus-within") ? leaveLater(message) : message.remove()), wait);
}

const flashes = document.getElementById("flashes");
const resized = new ResizeObserver(place);

function place() {
  const box = document.getElementById("composer")?.getBoundingClientRect();
  const isThere = Boolean(box?.height);
  flashes.classList.toggle("is-above", isThere);
  if (!isThere) return;
  flashes.style.setProperty("--above-start", `${box.left}px`);
  flashes.style.setProperty("--above-end", `${innerWidth - box.right}px`);
  flashes.style.setProperty("--above-foot", `${innerHeight - box.top}px`);
}

function watchPlace() {
  const composer = document.getElementById("composer");
  resized.disconnect();
  if (composer) resized.observe(composer);
  place();
}

// The message may have been dismissed while the reply that it told of still waits.
const latestUndo = () => [...flashes.querySelectorAll(".flash form")].at(-1) ?? document.querySelector('#conversation form[data-key="z"]');

function start() {
  for (const message of document.querySelectorAll("#flashes > :not([data-timed])")) {
    message.dataset.timed = "";
    leaveLater(message);
  }
}

export function watchMessages() {
  start();
  watchPlace();
  new MutationObserver(start).observe(flashes, { childList: true });
  document.body.addEventListener("htmx:afterSettle", watchPlace);
  addEventListener("resize", place);
  offer("undo", () => latestUndo().requestSubmit(), { when: () => Boolean(latestUndo()) });
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest("#flashes > *")?.remove());
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) event.detail.elt.closest("#flashes > .flash")?.remove();
  });
}
