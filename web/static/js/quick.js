// Quick actions over the row that is pointed at; nothing moves for them.

function put(item) {
  document.querySelector(".row-actions")?.remove();
  if (item.dataset.closed !== undefined) return;
  const actions = document.getElementById("quick-actions").content.firstElementChild.cloneNode(true);
  for (const form of actions.querySelectorAll("form")) {
    const address = `${item.querySelector(".row-link").pathname}/${form.dataset.path}`;
    form.setAttribute("action", address);
    form.setAttribute("hx-post", address);
    form.elements.version.value = item.dataset.version;
  }
  item.append(actions);
  htmx.process(actions);
}

export function watchRows() {
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const item = event.target.closest?.(".line-item");
    const shown = document.querySelector(".row-actions")?.parentElement;
    if (item && item !== shown) put(item);
    if (!item) document.querySelector(".row-actions")?.remove();
  });
}
