// The sheet of keyboard shortcuts: "?" or its button.
import { offer } from "./shortcuts.js";

function toggle(sheet) {
  if (sheet.open) sheet.close();
  else sheet.showModal();
}

export function watchKeySheet() {
  const sheet = document.getElementById("keys");
  if (!sheet) return;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-sheet]")) sheet.showModal();
    if (event.target === sheet) sheet.close();
  });
  sheet.addEventListener("keydown", (event) => event.key === "?" && (event.preventDefault(), sheet.close()));
  offer("sheet", () => toggle(sheet));
}
