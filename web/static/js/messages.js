// Messages at the foot of the page go by themselves; those with an undo stay longer, and none while it is pointed at.

const plainMs = 5000;
const undoMs = 10000;

function leaveLater(message) {
  const wait = message.querySelector("form") ? undoMs : plainMs;
  setTimeout(() => (message.matches(":hover, :focus-within") ? leaveLater(message) : message.remove()), wait);
}

function start() {
  for (const message of document.querySelectorAll("[data-flash]:not([data-timed])")) {
    message.dataset.timed = "";
    leaveLater(message);
  }
}

export function watchMessages() {
  start();
  document.body.addEventListener("htmx:oobAfterSwap", start);
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest("[data-flash]")?.remove());
}
