// The contact beside the conversation stays folded or open as the reader left it; where there is little room it begins
// folded.

const seen = new WeakSet();
const roomy = matchMedia("(width >= 1240px)");

function apply() {
  for (const fold of document.querySelectorAll("details[data-remember]")) {
    if (seen.has(fold)) continue;
    seen.add(fold);
    fold.open = roomy.matches && localStorage.getItem(`fold:${fold.dataset.remember}`) !== "closed";
    fold.querySelector("summary").addEventListener("click", () => {
      if (roomy.matches) localStorage.setItem(`fold:${fold.dataset.remember}`, fold.open ? "closed" : "open");
    });
  }
}

export function watchFolds() {
  apply();
  document.body.addEventListener("htmx:afterSettle", apply);
}
