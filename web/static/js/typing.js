// In a field, or where somebody who wanted to write is told why they cannot: letters are no commands there.
export const isTyping = (element) =>
  Boolean(element?.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], [data-silent]"));
