// The contact beside the conversation stays folded or open as the reader left it; where there is little room it begins
// folded, and folds when the room goes away.

const seen = new WeakSet();
const roomy = matchMedia("(width >= 1240px)");

const restore = (fold) => (fold.open = roomy.matches && localStorage.getItem(`fold:${fold.dataset.remember}`) !== "closed");

function apply() {
  for (const fold of document.querySelectorAll("details[data-remember]")) {
    if (seen.has(fold)) continue;
    seen.add(fold);
    restore(fold);
    fold.querySelector("summary").addEventListener("click", () => {
      if (roomy.matches) localStorage.setItem(`fold:${fold.dataset.remember}`, fold.open ? "closed" : "open");
    });
  }
}

export function watchFolds() {
  apply();
  roomy.addEventListener("change", () => document.querySelectorAll("details[data-remember]").forEach(restore));
  document.body.addEventListener("htmx:afterSettle", apply);
}
