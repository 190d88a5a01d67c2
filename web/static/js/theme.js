// Light or dark, roomy or dense: at once; the server only keeps it for the next page.

const dark = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

const next = {
  theme: () => (root.dataset.theme === "dark" || (root.dataset.theme !== "light" && dark.matches) ? "light" : "dark"),
  density: () => (root.dataset.density === "compact" ? "comfortable" : "compact"),
};

function change(form, name) {
  root.dataset[name] = next[name]();
  const body = new FormData(form);
  body.set(name, root.dataset[name]);
  fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true });
}

export function watchTheme() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-theme-form], [data-density-form]");
    if (!form) return;
    event.preventDefault();
    change(form, form.matches("[data-theme-form]") ? "theme" : "density");
  });
}
