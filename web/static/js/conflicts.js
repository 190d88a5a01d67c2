// Two windows wrote the same draft: both texts can be looked at, and one is kept.

const slotOf = (field) => field.form.querySelector(".draft-slot");

export function settle(field) {
  slotOf(field)?.replaceChildren();
}

export function showTooLong(field) {
  slotOf(field)?.replaceChildren(document.getElementById("draft-too-long").content.cloneNode(true));
}

// `keep(version)` is called once the reader chose what stands in the field.
export function showConflict(field, other, keep) {
  const slot = slotOf(field);
  if (!slot) return;
  let hidden = other.text;
  slot.replaceChildren(document.getElementById("draft-conflict").content.cloneNode(true));
  slot.querySelector("[data-other]").addEventListener("click", () => {
    [hidden, field.value] = [field.value, hidden];
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });
  slot.querySelector("[data-this]").addEventListener("click", () => {
    settle(field);
    keep(other.version);
    field.focus();
  });
}
