// The words of an earlier reply come back into the box: after an undo, or to be handed in again. What stands in the box
// already is kept below them.
import { openConversation } from "./navigate.js";

async function putBack(address) {
  const typed = document.getElementById("reply-text")?.value.trim() ?? "";
  await htmx.ajax("GET", address, { target: "#reply-box", swap: "outerHTML" });
  const field = document.getElementById("reply-text");
  if (!field) return;
  const words = field.defaultValue; // of the reply; a draft that is kept here may stand in the box by now
  field.value = typed && typed !== words.trim() ? `${words}\n\n${typed}` : words;
  document.getElementById("mode-reply").checked = true;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

async function returned({ id, show, again }) {
  if (document.getElementById("conversation")?.dataset.id !== String(id)) await openConversation(show);
  await putBack(again);
}

export function watchReturned() {
  document.body.addEventListener("hearken:returned", (event) => returned(event.detail));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-again]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    putBack(link.dataset.again);
  });
}
