// A reply tells what its writer had before their eyes when they began: the server asks before it sends past anything
// newer.

const box = () => document.querySelector("form#reply-box");
const onShow = () => document.querySelector("#conversation[data-seen]")?.dataset.seen ?? "";

function look() {
  const form = box();
  if (form && !form.elements.text.value) form.elements.seen.value = onShow();
}

export function watchSeen() {
  document.addEventListener("beforeinput", (event) => event.target.id === "reply-text" && look());
  for (const name of ["htmx:afterSettle", "htmx:oobAfterSwap"]) document.body.addEventListener(name, look);
}
