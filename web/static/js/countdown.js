// Seconds that run out while a reply can be pulled back. The server says how many are left, so that a wrong clock of this
// machine does no harm.

const ends = new WeakMap();
const everyMs = 250;

// A refresh may bring the same element with fresh seconds.
function msLeft(element) {
  const said = element.dataset.countdown;
  if (ends.get(element)?.said !== said) ends.set(element, { said, at: performance.now() + Number(said) * 1000 });
  return ends.get(element).at - performance.now();
}

function isOver(element) {
  element.hidden = true;
  const then = element.parentElement.querySelector("[data-then]");
  if (then) then.hidden = false;
  element.closest(".entry")?.querySelector("[data-while-waiting]")?.remove();
  element.closest("#flashes > .flash")?.remove();
}

function tick() {
  for (const element of document.querySelectorAll("[data-countdown]:not([hidden])")) {
    const seconds = Math.ceil(msLeft(element) / 1000);
    const shown = element.querySelector("[data-seconds]");
    if (seconds <= 0) isOver(element);
    else if (shown.textContent !== String(seconds)) shown.textContent = seconds;
  }
}

export const watchCountdowns = () => setInterval(tick, everyMs);
