// What was begun for a conversation is still there when the reader comes back to it; it goes when it was sent, and with
// the tab.

const key = (field) => `draft:${field.dataset.draft}`;

function restore() {
  for (const field of document.querySelectorAll("[data-draft]")) {
    const text = sessionStorage.getItem(key(field));
    if (!text || field.value) continue;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

export function watchDrafts() {
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-draft]")) return;
    if (event.target.value) sessionStorage.setItem(key(event.target), event.target.value);
    else sessionStorage.removeItem(key(event.target));
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.requestConfig.elt;
    if (event.detail.isError || !form.matches?.("form#reply-box, form#note-box")) return;
    for (const field of form.querySelectorAll("[data-draft]")) sessionStorage.removeItem(key(field));
  });
  document.body.addEventListener("htmx:afterSettle", restore);
  restore();
}
