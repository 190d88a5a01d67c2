// A long thread opens at its end. What came before is fetched a stretch at a time, and what the reader looks at stays
// where it is. A stretch that was acted in is fetched again: a refresh brings only the end.

const thread = () => document.getElementById("thread-scroll");

const frames = 12;

let held = null;
let left = 0;
let actedIn = null;

function fetching(event) {
  if (event.detail.target?.id !== "earlier" || !event.detail.shouldSwap) return;
  const first = document.querySelector("#thread .entry, #thread .entry-event");
  held = { first, top: first.getBoundingClientRect().top };
  document.getElementById("before")?.remove();
}

// For some frames, unless the reader moves: only as it comes into view is the height of what stands above known.
function fetched() {
  if (!held) return;
  const { first, top } = held;
  held = null;
  left = frames;
  const put = () => {
    if (!first.isConnected || left-- <= 0) return;
    thread().scrollTop += first.getBoundingClientRect().top - top;
    requestAnimationFrame(put);
  };
  put();
}

function again() {
  if (!actedIn?.isConnected) return;
  htmx.ajax("GET", actedIn.dataset.address, { source: actedIn, target: actedIn, swap: "morph", headers: { "HX-Target": "earlier" } });
}

export function watchThread() {
  for (const name of ["wheel", "pointerdown", "keydown", "touchmove"]) {
    document.addEventListener(name, () => (left = 0), { passive: true });
  }
  document.body.addEventListener("htmx:beforeSwap", fetching);
  document.body.addEventListener("htmx:afterSettle", fetched);
  document.addEventListener("submit", (event) => (actedIn = event.target.closest(".thread-page") ?? actedIn));
  document.body.addEventListener("hearken:changed", (event) => event.detail?.id && again());
}
