// Every command that this page offers: the shortcuts, the controls of the open conversation as they stand there (so the
// server has said that this person may), the rail, and the places that it does not name.
import { labelOf, shortcuts } from "./shortcuts.js";
import { enterMenu } from "./menus.js";

const words = (element) => element.textContent.replace(/\s+/g, " ").trim();

// Controls that only lead into a menu have the shortcut that opens it.
const controls = "#conversation .pane-actions form:not(.menu-form) button, #conversation [data-command]";

const keyOf = (control) => control.form?.dataset.key ?? "";

function nameOf(control) {
  const known = keyOf(control) && labelOf(keyOf(control));
  if (known) return known;
  const menu = control.closest("details.menu");
  const name = control.dataset.command || words(control) || control.title;
  return menu?.dataset.prefix ? `${menu.dataset.prefix} ${name}` : name;
}

function use(control) {
  if (control instanceof HTMLButtonElement && control.form?.closest(".pane-actions")) control.form.requestSubmit(control);
  else if (control.matches("summary")) enterMenu(control.parentElement);
  else control.click();
}

const ofConversation = () =>
  [...document.querySelectorAll(controls)]
    .filter((control) => !control.disabled && !control.hidden)
    .map((control) => ({
      group: "Conversation",
      label: nameOf(control),
      keys: keyOf(control),
      run: () => use(control),
    }));

const ofKeys = () => shortcuts().filter(({ name }) => name !== "palette");

const ofPlaces = () =>
  [...document.querySelectorAll("#rail .rail-links a, #places a")].map((link) => ({
    group: link.dataset.group ?? "Page",
    label: link.dataset.label ?? words(link.querySelector(".cut") ?? link),
    keys: link.dataset.keys ?? "",
    href: link.href,
    run: () => link.click(),
  }));

const ofPage = () =>
  [...document.querySelectorAll("[data-global-command]")].map((control) => ({
    group: "Page",
    label: control.dataset.globalCommand,
    keys: "",
    run: () => control.click(),
  }));

// Each once: a key's command is left out where a control with that key says the same more exactly, a rail link where the
// same place stands with its key.
export function commands() {
  const here = [...new Map(ofConversation().reverse().map((command) => [command.label, command])).values()].reverse();
  const taken = new Set(here.map(({ keys }) => keys).filter(Boolean));
  const places = new Map();
  for (const place of ofPlaces()) if (!places.has(place.href) || place.keys) places.set(place.href, place);
  const named = new Set(here.map(({ label }) => label));
  const keyed = ofKeys().filter(({ keys, label }) => !taken.has(keys) && !named.has(label));
  const [near, far] = [keyed.filter(({ group }) => group === "Conversation"), keyed.filter(({ group }) => group !== "Conversation")];
  return [...here, ...near, ...places.values(), ...ofPage(), ...far];
}
