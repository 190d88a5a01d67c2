// Whether the server can be reached, knows us, and is of the version that made this page: a banner says what is wrong.

const banner = () => document.getElementById("connection");
const lines = () => [...banner().querySelectorAll("[data-when]")];

function show(state) {
  for (const line of lines()) line.hidden = line.dataset.when !== state;
}

const state = () => lines().find((line) => !line.hidden)?.dataset.when;

export function cannotReach() {
  show("offline");
}

export function isClosed() {
  show("closed");
}

// The server answered, as this version. What waits for it is sent now.
export function reached(version) {
  const wasAway = ["offline", "closed"].includes(state());
  show(version === document.body.dataset.version ? "" : "old");
  if (!wasAway) return;
  document.body.dispatchEvent(new CustomEvent("hearken:back"));
  document.body.dispatchEvent(new CustomEvent("hearken:changed"));
}

export function watchConnection() {
  if (!banner()) return;
  addEventListener("offline", cannotReach);
  document.addEventListener("click", (event) => event.target.closest("[data-reload]") && location.reload());
}
