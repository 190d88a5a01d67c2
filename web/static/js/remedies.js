// What is found in a reply can be put right with a button: go to it, take it out, add a sentence.
import { put, selectIn } from "./box.js";

const box = () => document.getElementById("reply-text");

const acts = {
  select: (field, words) => selectIn(field, words),
  remove: (field, words) => selectIn(field, words) && put(field, "…"),
  insert(field, words) {
    const end = field.value.trimEnd().length;
    field.setSelectionRange(end, field.value.length);
    put(field, `${end ? " " : ""}${words}`);
  },
};

export function watchRemedies() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-remedy]");
    if (!button || !box()) return;
    acts[button.dataset.remedy]?.(box(), button.dataset.words);
  });
}
