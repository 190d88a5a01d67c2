// Messages at the foot of the page go by themselves, those with an undo later; none while it is pointed at.

const plainMs = 5000;
const undoMs = 10000;

function leaveLater(message) {
  const wait = message.querySelector("form") ? undoMs : plainMs;
  setTimeout(() => (message.matches(":hover, :focus-within") ? leaveLater(message) : message.remove()), wait);
}

function start() {
  for (const message of document.querySelectorAll("#flashes > :not([data-timed])")) {
    message.dataset.timed = "";
    leaveLater(message);
  }
}

export function watchMessages() {
  start();
  new MutationObserver(start).observe(document.getElementById("flashes"), { childList: true });
  document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest("#flashes > *")?.remove());
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) event.detail.elt.closest("#flashes > .flash")?.remove();
  });
}
