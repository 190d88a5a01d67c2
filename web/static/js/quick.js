// Quick actions on a row of the list: buttons over the one that is pointed at, for which nothing moves, and keys.

const templates = () => document.getElementById("quick-actions").content;

function address(form, item) {
  const path = `${item.querySelector(".row-link").pathname}/${form.dataset.path}`;
  form.setAttribute("action", path);
  form.setAttribute("hx-post", path);
  form.elements.version.value = item.dataset.version;
}

function put(item) {
  document.querySelector(".row-actions")?.remove();
  if (item.dataset.closed !== undefined) return;
  const actions = templates().firstElementChild.cloneNode(true);
  for (const form of actions.querySelectorAll("form")) address(form, item);
  item.append(actions);
  htmx.process(actions);
}

// Sends the row's own form for that key, and then calls `done`. The form stands outside the list, which a refresh may
// replace meanwhile.
export function sendFor(item, key, done) {
  if (item.dataset.closed !== undefined && !"au".includes(key)) return;
  const form = templates().querySelector(`form[data-key="${CSS.escape(key)}"]`).cloneNode(true);
  address(form, item);
  form.hidden = true;
  form.addEventListener("htmx:afterRequest", (event) => {
    form.remove();
    if (event.detail.successful) done();
  });
  document.body.append(form);
  htmx.process(form);
  form.requestSubmit();
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
