// A refresh must not take anything out of the reader's hands: open menus, half-written texts, the chosen tab.

// A box with a text in it stays even where the fresh page has none any more: who sends it is told why it cannot go.
const isHalfWritten = (old, fresh) => old.id === "reply-box" && old.dataset.keep === fresh.dataset?.of && Boolean(old.querySelector("[data-draft]")?.value);

// An element with data-keep stays as it is for as long as the fresh one has the same mark; a field, if it was changed.
function isInHand(old, fresh) {
  if (!old.dataset?.keep) return false;
  if (old.dataset.keep !== fresh.dataset?.keep) return isHalfWritten(old, fresh);
  return old.defaultValue === undefined || old.value !== old.defaultValue;
}

// Whether something is unfolded or ticked is the reader's business, as are the field that they are in and where a row
// stood when they took up the list.
const isTheirs = (name, node) =>
  (name === "open" && node instanceof HTMLDetailsElement) ||
  (name === "data-place" && node.matches("#lines > *")) ||
  (name === "checked" && ["mode", "pick"].includes(node.name)) ||
  (name === "value" && node === document.activeElement);

const ours = {
  beforeNodeMorphed: (old, fresh) => !isInHand(old, fresh),
  beforeAttributeUpdated: (name, node) => !isTheirs(name, node),
};

export function keepWhatIsInHand() {
  Object.assign(Idiomorph.defaults.callbacks, ours);
}
