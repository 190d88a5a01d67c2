// Kept answers: `/` at the start of the reply box or behind a space opens a list, which filters as one types.
import { goToGap, put } from "./box.js";

const patienceMs = 80;
const slash = /(?:^|\s)\/([^\n/]{0,40})$/;

let timer = null;
let asked = "";
let dismissed = "";

const box = () => document.getElementById("reply-text");
const list = () => document.getElementById("answer-list");
const isOpen = () => Boolean(list() && !list().hidden);
const options = () => [...list().querySelectorAll('[role="option"]')];
const chosen = () => list().querySelector('[aria-selected="true"]');

// What stands between the slash and the caret, or null.
function typedIn(field) {
  if (field.selectionStart !== field.selectionEnd) return null;
  const match = slash.exec(field.value.slice(0, field.selectionStart));
  return match ? match[1] : null;
}

function close() {
  clearTimeout(timer);
  asked = "";
  if (!list()) return;
  list().hidden = true;
  list().replaceChildren();
  box()?.removeAttribute("aria-activedescendant");
}

function choose(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  box().setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

async function ask(typed) {
  const address = `${list().dataset.url}?q=${encodeURIComponent(typed)}`;
  asked = address;
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (asked !== address || !answer?.ok || !list()) return;
  list().innerHTML = await answer.text();
  list().hidden = !options().length;
  if (isOpen()) choose(options()[0]);
  else close();
}

function follow(field) {
  const typed = typedIn(field);
  if (typed === null || (dismissed && field.value.startsWith(dismissed))) {
    if (typed === null) dismissed = "";
    close();
    return;
  }
  dismissed = "";
  clearTimeout(timer);
  timer = setTimeout(() => ask(typed), patienceMs);
}

// Takes the slash and what was typed behind it out of the box.
function takeSlash(field) {
  const end = field.selectionStart;
  const match = slash.exec(field.value.slice(0, end));
  if (match) field.setSelectionRange(end - match[1].length - 1, end);
}

function say(words) {
  const notice = document.createElement("div");
  notice.className = "notice notice-error";
  notice.setAttribute("role", "alert");
  notice.textContent = words;
  box().form.querySelector(".error-slot").replaceChildren(notice);
}

async function use(option) {
  const field = box();
  close();
  if (option.dataset.macro) {
    takeSlash(field);
    put(field, "");
    runMacro(option.dataset.macro);
    return;
  }
  const headers = { "X-CSRFToken": field.form.elements.csrf_token.value, Accept: "application/json" };
  const answer = await fetch(option.dataset.url, { method: "POST", headers }).catch(() => null);
  if (!answer?.ok) {
    say(answer ? (await answer.json()).error : "Hearken cannot be reached. Nothing is lost; try again in a moment.");
    return;
  }
  takeSlash(field);
  put(field, (await answer.json()).text);
  goToGap(field);
}

function runMacro(address) {
  const version = document.querySelector("#conversation [name=version]")?.value;
  const token = box().form.elements.csrf_token.value;
  htmx.ajax("POST", address, { source: box().form, swap: "none", values: { version, csrf_token: token } });
}

function move(step) {
  const all = options();
  choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
}

const keys = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => use(chosen()),
  Tab: () => use(chosen()),
  Escape() {
    dismissed = box().value;
    close();
  },
};

function pressed(event) {
  if (event.target !== box() || !isOpen() || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = keys[event.key];
  if (!act || (event.key === "Tab" && event.shiftKey)) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

function insert({ text }) {
  const field = box();
  if (!field || !text) return;
  field.setSelectionRange(field.value.length, field.value.length);
  put(field, `${field.value && !field.value.endsWith("\n") ? "\n" : ""}${text}`);
  goToGap(field);
}

export function watchAnswers() {
  document.addEventListener("input", (event) => event.target === box() && follow(event.target));
  document.addEventListener("keydown", pressed, true);
  document.addEventListener("focusout", (event) => event.target === box() && setTimeout(() => document.activeElement !== box() && close(), 150));
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest?.("#answer-list [role=option]");
    if (!option) return;
    event.preventDefault();
    use(option);
  });
  document.body.addEventListener("hearken:insert", (event) => insert(event.detail));
}
