// Menus are <details class="menu">: one at a time, closed by a click elsewhere, by Escape, and once something was chosen.

const openMenus = () => document.querySelectorAll("details.menu[open]");

export function closeMenus(except = null) {
  let closed = false;
  for (const menu of openMenus()) {
    if (menu.contains(except)) continue;
    menu.open = false;
    closed = true;
  }
  return closed;
}

export function watchMenus() {
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("submit", (event) => {
    if (event.target.closest("details.menu")) queueMicrotask(() => closeMenus());
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  });
}
