// Every page tells the server every few seconds that it is open, which conversation is in sight and whether somebody
// writes there. Who else is here comes back with it, and at once with the news.
import { cannotReach, isClosed, reached } from "./connection.js";
import { post } from "./post.js";
import { paint } from "./present.js";

const sightMs = 4000;
const hiddenMs = 60000;
const againMs = 1000;
const writingMs = 6000;

// Not crypto.randomUUID(), which plain http lacks.
const tab = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

let timer = null;
let told = "";
let failures = 0;
let writing = { doing: "viewing", until: 0 };

const inSight = () => (document.hidden ? "" : document.querySelector("#conversation[data-id]")?.dataset.id ?? "");
const doing = () => (performance.now() < writing.until ? writing.doing : "viewing");

async function beat() {
  clearTimeout(timer);
  const conversation = inSight();
  const fields = { tab, conversation, doing: doing() };
  told = `${conversation} ${fields.doing}`;
  try {
    const answer = await post(document.body.dataset.presence, fields, { signal: AbortSignal.timeout(10000) });
    failures = 0;
    if (answer.status === 401) isClosed();
    else if (answer.ok) hear(await answer.json());
  } catch {
    failures += 1;
    if (failures > 1) cannotReach();
  }
  clearTimeout(timer);
  timer = setTimeout(beat, failures === 1 ? againMs : document.hidden ? hiddenMs : sightMs);
}

function hear({ there, version }) {
  reached(version);
  paint(there);
}

function beatIfOther() {
  if (`${inSight()} ${doing()}` !== told) beat();
}

function wrote(event) {
  const kinds = { "reply-text": "replying", "note-text": "noting" };
  const kind = kinds[event.target.id];
  if (!kind || !event.isTrusted) return;
  writing = { doing: kind, until: performance.now() + writingMs };
  beatIfOther();
}

function leave() {
  const form = new FormData();
  form.set("tab", tab);
  form.set("csrf_token", JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]);
  navigator.sendBeacon(`${document.body.dataset.presence}/leave`, form);
}

export function watchPresence() {
  if (!document.body.dataset.presence) return;
  document.addEventListener("input", wrote);
  document.addEventListener("visibilitychange", beatIfOther);
  document.body.addEventListener("htmx:afterSettle", beatIfOther);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.elt.matches?.("form#reply-box, form#note-box")) writing.until = 0;
  });
  document.body.addEventListener("hearken:presence", (event) => paint(event.detail));
  addEventListener("online", beat);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => event.persisted && beat());
  beat();
}
