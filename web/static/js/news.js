// News without a reload. The server says that something changed; /refresh brings what this page shows, and it is morphed
// into place. A page out of sight lets go of its stream: browsers and server have only so many.

import { heldRows, leftByUs, openId } from "./held.js";

const quietMs = 400;
const retryMs = 60000;
const minuteMs = 60000;

let stream = null;
let timer = null;
let missed = false;
let wantsAnew = false;

// What the page shows right now, so that just that comes back.
function whatIsShown() {
  const params = new URLSearchParams(location.search);
  const queues = document.getElementById("queues");
  if (queues) {
    params.set("told", queues.dataset.alert);
    params.set("noticed", queues.dataset.notice);
  }
  const pane = document.getElementById("conversation");
  if (document.getElementById("list")) {
    params.set("list", "1");
    for (const [name, value] of Object.entries(wantsAnew ? {} : heldRows())) params.set(name, value);
  }
  if (pane && openId()) {
    const isThere = pane.dataset.id === openId();
    params.set("open", openId());
    params.set("stamp", isThere ? pane.dataset.stamp : "");
    if (isThere && document.getElementById("earlier")?.childElementCount) params.set("since", pane.dataset.first);
  }
  return params;
}

function refresh() {
  timer = null;
  if (document.hidden) {
    missed = true;
    return;
  }
  missed = false;
  const address = `${document.body.dataset.refresh}?${whatIsShown()}`;
  wantsAnew = false;
  return htmx.ajax("GET", address, { source: document.body, target: document.body, swap: "none" });
}

// The list from its top, with all that waited.
export function listAnew() {
  clearTimeout(timer);
  wantsAnew = true;
  return refresh();
}

export function refreshSoon(wait = quietMs) {
  timer ??= setTimeout(refresh, wait);
}

// After an action of our own the next one builds on it, before any refresh.
function takeVersion({ id, ids, version }) {
  leftByUs(ids ?? [id]);
  if (!version) return;
  const row = document.getElementById(`line-${id}`);
  if (row) row.dataset.version = version;
  for (const field of document.querySelectorAll(`#conversation[data-id="${id}"] [name=version], #line-${id} [name=version]`)) field.value = version;
}

function connect() {
  stream = new EventSource(document.body.dataset.events);
  let first = true;
  stream.addEventListener("open", () => {
    if (!first) refreshSoon();
    first = false;
  });
  stream.addEventListener("changed", () => document.body.dispatchEvent(new CustomEvent("hearken:changed")));
  stream.addEventListener("presence", (event) => document.body.dispatchEvent(new CustomEvent("hearken:presence", { detail: JSON.parse(event.data) })));
  stream.addEventListener("error", () => {
    if (stream?.readyState === EventSource.CLOSED) setTimeout(reconnect, retryMs);
  });
}

function disconnect() {
  stream?.close();
  stream = null;
}

function reconnect() {
  if (document.hidden) return;
  disconnect();
  connect();
}

function seenOrNot() {
  if (document.hidden) {
    disconnect();
    missed = true;
    return;
  }
  if (!stream) connect();
  if (missed) refreshSoon(0);
}

export function watchNews() {
  if (!document.body.dataset.events) return;
  document.body.addEventListener("hearken:changed", (event) => {
    takeVersion(event.detail ?? {});
    refreshSoon();
  });
  document.addEventListener("visibilitychange", seenOrNot);
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => event.persisted && seenOrNot());
  setInterval(() => document.hidden || refreshSoon(), minuteMs);
  if (!document.hidden) connect();
}
