// The sheet of keyboard shortcuts: "?" or its button.

// In a field, or where somebody who wanted to write is told why they cannot: letters are no commands there.
export const isTyping = (element) =>
  Boolean(element?.closest?.("input:not([type=radio]), textarea, select, [contenteditable], [data-silent]"));

export function watchKeySheet() {
  const sheet = document.getElementById("keys");
  if (!sheet) return;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) sheet.showModal();
    if (event.target === sheet) sheet.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (sheet.open) sheet.close();
    else sheet.showModal();
  });
}
