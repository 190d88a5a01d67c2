// A refresh must not take anything out of the reader's hands: open menus, half-written texts, the chosen tab.

const ours = {
  // An element with data-keep stays as it is for as long as the fresh one has the same mark.
  beforeNodeMorphed: (old, fresh) => !(old.dataset?.keep && old.dataset.keep === fresh.dataset?.keep),
  // Whether something is unfolded or ticked is the reader's business.
  beforeAttributeUpdated: (name, node) =>
    !((name === "open" && node instanceof HTMLDetailsElement) || (name === "checked" && node.name === "mode")),
};

export function keepWhatIsInHand() {
  Object.assign(Idiomorph.defaults.callbacks, ours);
  Idiomorph.defaults.ignoreActiveValue = true;
}
