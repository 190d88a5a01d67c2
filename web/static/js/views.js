// The saved views in the rail: fetched once the page stands, and again some time after something changed. Their counts
// never keep a page waiting.

const patienceMs = 3000;
let timer = null;

function fetchViews() {
  timer = null;
  const place = document.getElementById("views");
  if (!place || document.hidden) return;
  const at = encodeURIComponent(location.search.slice(1));
  htmx.ajax("GET", `${place.dataset.views}?at=${at}`, { source: place, target: place, swap: "morph:innerHTML" });
}

export function watchViews() {
  fetchViews();
  document.body.addEventListener("hearken:changed", () => (timer ??= setTimeout(fetchViews, patienceMs)));
  document.body.addEventListener("htmx:afterSwap", (event) => event.detail.target.id === "workspace" && fetchViews());
}
