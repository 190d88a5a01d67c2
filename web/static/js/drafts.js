// What was begun for a conversation is still there when its writer comes back, on any device: each text goes to the
// server a second after typing, and stays in this browser until the server has it.
import { settle, showConflict, showTooLong } from "./conflicts.js";
import { post } from "./post.js";

const waitMs = 1000;
const retryMs = 5000;

const drafts = new Map();
const windows = new BroadcastChannel(`drafts ${document.body.dataset.me}`);

const fields = () => document.querySelectorAll("[data-draft]");
const fieldOf = (draft) => [...fields()].find((field) => field.dataset.draft === draft.name);
const keyOf = (name) => `draft:${document.body.dataset.me}:${name}`;

const tell = ({ name, text, version }) => windows.postMessage({ name, text, version });

function keepHere(draft) {
  localStorage.setItem(keyOf(draft.name), JSON.stringify({ text: draft.text, version: draft.version }));
}

function keptHere(name) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(name)));
  } catch {
    return null;
  }
}

function saveSoon(draft, wait = waitMs) {
  clearTimeout(draft.timer);
  draft.timer = setTimeout(() => save(draft), wait);
}

async function save(draft, options = {}) {
  clearTimeout(draft.timer);
  if (draft.isBusy) return saveSoon(draft);
  const { text, name } = draft;
  draft.isBusy = true;
  try {
    const answer = await post(draft.address, { kind: name.split("/")[1], text, seen: draft.version }, options);
    if (drafts.get(name) === draft) await heard(draft, text, answer);
  } catch {
    saveSoon(draft, retryMs);
  } finally {
    draft.isBusy = false;
  }
}

async function heard(draft, text, answer) {
  const field = fieldOf(draft);
  if (answer.ok) {
    draft.version = (await answer.json()).version;
    if (draft.text === text) localStorage.removeItem(keyOf(draft.name));
    else keepHere(draft);
    tell(draft);
    if (field) settle(field);
  } else if (answer.status === 409) {
    const other = await answer.json();
    if (field) showConflict(field, other, (version) => Object.assign(draft, { version }) && save(draft));
  } else if (answer.status === 422) field && showTooLong(field);
  else if (answer.status >= 500) saveSoon(draft, retryMs);
}

function wrote(field) {
  const draft = drafts.get(field.dataset.draft);
  if (!draft || draft.text === field.value) return;
  draft.text = field.value;
  keepHere(draft);
  tell(draft);
  saveSoon(draft);
}

// A field that appeared: the server's text stands in it, unless this browser has one that did not get there.
function adopt(field) {
  const name = field.dataset.draft;
  if (field.adopted === name) return;
  field.adopted = name;
  const kept = keptHere(name);
  const version = kept ? kept.version : Number(field.dataset.draftVersion);
  const draft = { name, address: field.dataset.draftAddress, text: field.value, version };
  drafts.set(name, draft);
  if (kept && kept.text !== field.value) {
    field.value = draft.text = kept.text;
    saveSoon(draft);
  } else if (kept) {
    localStorage.removeItem(keyOf(name));
    draft.version = Number(field.dataset.draftVersion);
  }
  if (field.value && !draft.version) begin(draft); // a reply that was pulled back is a draft again
  if (field.value) field.dispatchEvent(new Event("input", { bubbles: true }));
}

function begin(draft) {
  keepHere(draft);
  saveSoon(draft);
}

// Sent: nothing is left of it, here or there.
function forget(form) {
  for (const field of form.querySelectorAll("[data-draft]")) {
    tell({ name: field.dataset.draft, text: "", version: 0 });
    clearTimeout(drafts.get(field.dataset.draft)?.timer);
    drafts.delete(field.dataset.draft);
    localStorage.removeItem(keyOf(field.dataset.draft));
  }
}

const unsaved = () => [...drafts.values()].filter((draft) => keptHere(draft.name));

export function watchDrafts() {
  document.addEventListener("input", (event) => event.target.matches?.("[data-draft]") && wrote(event.target));
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.requestConfig.elt;
    if (!event.detail.isError && form.matches?.("form#reply-box, form#note-box")) forget(form);
  });
  document.body.addEventListener("htmx:afterSettle", () => fields().forEach(adopt));
  document.body.addEventListener("hearken:back", () => unsaved().forEach((draft) => save(draft)));
  addEventListener("pagehide", () => unsaved().forEach((draft) => save(draft, { keepalive: true })));
  windows.addEventListener("message", (event) => elsewhere(event.data));
  fields().forEach(adopt);
}

// Another window of this browser writes the same draft, or sent it: it is shown here too, unless somebody writes here.
function elsewhere({ name, text, version }) {
  const field = [...fields()].find((one) => one.dataset.draft === name);
  const draft = drafts.get(name);
  if (!draft || (document.hasFocus() && field === document.activeElement)) return;
  Object.assign(draft, { text, version });
  if (!field || field.value === text) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
