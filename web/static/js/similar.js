// What was answered well before: a click or Alt+1 to Alt+3 puts it into the reply box, ready to be changed.
import { goToGap, put } from "./box.js";

function adapt(button) {
  const field = document.getElementById("reply-text");
  if (!field) return;
  document.getElementById("mode-reply").checked = true;
  const start = field.value.trim() ? field.value.length : 0;
  field.setSelectionRange(start, field.value.length);
  put(field, `${start ? "\n" : ""}${button.dataset.text}`);
  goToGap(field);
}

export function watchSimilar() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-similar]");
    if (button) adapt(button);
  });
  document.addEventListener("keydown", (event) => {
    // By the key's place: with Alt many keyboards write another sign.
    const digit = /^(?:Digit|Numpad)([1-3])$/.exec(event.code)?.[1];
    if (!event.altKey || event.ctrlKey || event.metaKey || !digit || document.querySelector("dialog[open]")) return;
    const button = document.querySelector(`[data-similar="${digit}"]`);
    if (!button) return;
    event.preventDefault();
    adapt(button);
  });
}
