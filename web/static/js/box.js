// Working in a text box so that the reader's own Ctrl+Z undoes it, and the check and the draft follow.

export function put(field, words) {
  field.focus();
  // The only way that keeps the box's own undo; where it is gone, the words still arrive.
  if (!document.execCommand("insertText", false, words)) {
    field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// Whether the words were there.
export function selectIn(field, words) {
  const start = field.value.indexOf(words);
  if (start < 0) return false;
  field.focus();
  field.setSelectionRange(start, start + words.length);
  return true;
}

// The first gap is where the writer goes on.
export function goToGap(field) {
  const gap = /\{\{\s*[A-Za-z_][\w.]*\s*\}\}/.exec(field.value);
  if (gap) field.setSelectionRange(gap.index, gap.index + gap[0].length);
}
