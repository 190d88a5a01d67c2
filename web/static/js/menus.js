// Menus are <details class="menu">: one at a time, closed by a click elsewhere, by Escape, and once something was chosen.
// Arrows, Home and End move within; who opens one by keyboard stands on its first choice.

const openMenus = () => document.querySelectorAll("details.menu[open]");
const choices = "button:not([disabled]), a[href], input:not([type=hidden]), select, textarea";
const isField = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select");

export function closeMenus(except = null) {
  let closed = false;
  for (const menu of openMenus()) {
    if (menu.contains(except)) continue;
    menu.open = false;
    closed = true;
  }
  return closed;
}

const panelOf = (menu) => menu.querySelector(":scope > .menu-panel");
const itemsOf = (menu) => [...(panelOf(menu)?.querySelectorAll(choices) ?? [])].filter((item) => item.checkVisibility());

// Opens it and goes to `item`, or to its first choice.
export function enterMenu(menu, item = null) {
  closeMenus(menu);
  menu.open = true;
  (item ?? itemsOf(menu)[0])?.focus();
}

function moved(event, menu) {
  const items = itemsOf(menu);
  const here = items.indexOf(document.activeElement);
  const last = items.length - 1;
  const places = {
    ArrowDown: here === last ? 0 : here + 1,
    ArrowUp: here <= 0 ? last : here - 1,
    Home: 0,
    End: last,
  };
  if (!(event.key in places) || (isField(document.activeElement) && event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  if (document.activeElement.matches("select, [type=datetime-local], textarea, [type=number]")) return;
  event.preventDefault();
  items[places[event.key]]?.focus();
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const menu = event.target.closest?.("details.menu");
  if (event.key === "Escape") escaped(event);
  else if (menu?.open && !menu.matches(".reading")) moved(event, menu);
  else if (event.key === "ArrowDown" && event.target.matches?.("details.menu:not(.reading) > summary")) {
    event.preventDefault();
    enterMenu(menu);
  }
}

function escaped(event) {
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.preventDefault();
}

// Enter and Space on a summary are clicks without a place.
function opened(event) {
  const summary = event.target.closest?.("details.menu:not(.reading) > summary");
  if (!summary || event.detail || summary.parentElement.open) return;
  event.preventDefault();
  enterMenu(summary.parentElement);
}

export function watchMenus() {
  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    opened(event);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.closest("details.menu")) queueMicrotask(() => closeMenus());
  });
  document.addEventListener("keydown", pressed);
}
