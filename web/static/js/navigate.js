// Moving without loading a page: a row opens beside the list, queues and filters change list and all. Every place has
// an address of its own, and Back goes back.

const workspace = () => document.getElementById("workspace");
const current = () => document.querySelector('#lines [aria-current="true"]');
const listSize = () => document.querySelectorAll("#lines > [data-id]").length;

function mark(id) {
  current()?.removeAttribute("aria-current");
  document.querySelector(`#line-${id} > .row-link`)?.setAttribute("aria-current", "true");
}

function fetchInto(target, address) {
  const source = workspace();
  return htmx.ajax("GET", address, { source, target, swap: target === "#workspace" ? "morph:innerHTML" : "morph" });
}

function toTheEnd() {
  const thread = document.getElementById("thread-scroll");
  if (thread) thread.scrollTop = thread.scrollHeight;
}

// From conversation to conversation is one step of history: Back leads to the list they were opened from.
function goInside(address) {
  const change = history.state?.inside ? "replaceState" : "pushState";
  history[change]({ hearken: true, inside: true }, "", address);
}

export async function openConversation(address, { push = true } = {}) {
  const id = new URL(address, location.href).pathname.split("/").pop();
  mark(id);
  document.getElementById(`line-${id}`)?.classList.remove("is-unread");
  if (push) goInside(address);
  await fetchInto("#conversation", address);
  if (document.querySelector("#conversation")?.dataset.id !== id) return;
  document.getElementById("mode-reply").checked = true;
  toTheEnd();
}

async function show(address, { push = true } = {}) {
  const left = document.querySelector("#conversation[data-id]")?.dataset.id;
  if (push) history.pushState({ hearken: true }, "", address);
  await fetchInto("#workspace", address);
  if (push) document.getElementById("list-scroll").scrollTop = 0;
  if (document.activeElement === document.body) focusList(left);
}

// Whose focus went away with what they looked at goes on in the list, at the conversation they come from if it is there.
function focusList(id) {
  const row = document.querySelector(`#line-${id} > .row-link`) ?? document.querySelector("#lines .row-link");
  (row ?? document.getElementById("list-scroll")).focus();
}

// The address on show, with as much of the list as is shown.
function addressOnShow() {
  const address = new URL(location.href);
  address.searchParams.set("shown", String(listSize()));
  return address;
}

// What an undo brings back is opened and selected again, in the list it was taken from.
async function bringBack(path) {
  const address = new URL(location.href);
  address.pathname = path;
  if (address.href !== location.href) goInside(address);
  document.activeElement.blur(); // a key pressed meanwhile is not for the row that had the focus
  await show(addressOnShow().href, { push: false });
  toTheEnd();
  const row = document.querySelector('#lines [aria-current="true"]');
  row?.scrollIntoView({ block: "nearest" });
  (row?.checkVisibility() ? row : document.getElementById("thread-scroll")).focus();
}

// Back to the list: by the browser's own way where we came from it, so that Back does not lead forth again.
export function goBack() {
  const link = document.querySelector("[data-back]");
  if (!link) return;
  if (!history.state?.inside) return show(link.href);
  history.back();
  return new Promise((done) => addEventListener("hearken:shown", done, { once: true }));
}

const rowLinks = () => [...document.querySelectorAll("#lines .row-link")];

export function step(direction) {
  const rows = rowLinks();
  const here = rows.indexOf(document.activeElement?.closest?.("#lines > li")?.querySelector(".row-link") ?? current());
  moveTo(rows[here === -1 ? 0 : here + direction]);
}

// The row at that place of the list; -1 is the last that is loaded.
export const stepTo = (place) => moveTo(rowLinks().at(place));

function moveTo(row) {
  if (!row) return;
  row.focus();
  row.scrollIntoView({ block: "nearest" });
  if (document.querySelector("#conversation[data-id]")) {
    history.replaceState(history.state, "", row.href);
    openConversation(row.href, { push: false });
  }
}

// After closing or snoozing: on to the next conversation, where the list stands beside; else back to the list.
export function advance(item = current()?.closest("li")) {
  const next = nextTo(item);
  const isOpen = !item || item.contains(current());
  if (isOpen) return leaveOpen(item);
  (next ?? document.getElementById("list-scroll")).focus();
  return Promise.resolve();
}

// The nearest that is still wanted: below, else above.
function nextTo(item) {
  const link = (way) => {
    let other = item?.[way];
    while (other?.matches(".is-gone")) other = other[way];
    return other?.querySelector(".row-link");
  };
  return link("nextElementSibling") ?? link("previousElementSibling");
}

export async function leaveOpen(item) {
  const next = nextTo(item);
  if (!next || matchMedia("(width < 800px)").matches) return goBack();
  next.focus(); // first, so that a key pressed meanwhile is for it
  await openConversation(next.href);
}

function follow(event) {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a[data-open], a[data-nav], #queues a");
  if (!link) return;
  event.preventDefault();
  if (link.matches("[data-open]")) openConversation(link.href);
  else if (link.matches("[data-back]")) goBack();
  else show(link.href);
  document.getElementById("rail").matches(":popover-open") && document.getElementById("rail").hidePopover();
}

function submitted(event) {
  const form = event.target.closest("[data-search], [data-filters]");
  if (!form) return;
  event.preventDefault();
  const fields = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  show(`${new URL(form.action).pathname}?${fields}`);
}

export function watchLinks() {
  document.addEventListener("click", follow);
  document.addEventListener("submit", submitted);
  document.body.addEventListener("hearken:open", (event) => openConversation(`${event.detail.address}${location.search}`));
  addEventListener("popstate", async () => {
    await show(addressOnShow().href, { push: false });
    dispatchEvent(new Event("hearken:shown"));
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful || event.detail.requestConfig.verb !== "post") return;
    const form = event.detail.elt;
    const undone = form.matches?.(".flash form") && new URL(form.action).pathname.match(/^(.*\/c\/\d+)\/status$/);
    if (undone) bringBack(undone[1]);
    else if (form.matches?.("[data-advance]")) advance();
  });
  // A reader at the end of a thread stays there when something comes in below.
  let atTheEnd = false;
  document.body.addEventListener("htmx:oobBeforeSwap", () => {
    const thread = document.getElementById("thread-scroll");
    atTheEnd = Boolean(thread) && thread.scrollHeight - thread.scrollTop - thread.clientHeight < 40;
  });
  document.body.addEventListener("htmx:oobAfterSwap", () => atTheEnd && toTheEnd());
  toTheEnd();
}
