// Light or dark at once; the server only keeps it for the next page.

const dark = matchMedia("(prefers-color-scheme: dark)");

export function watchTheme() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-theme-form]");
    if (!form) return;
    event.preventDefault();
    const root = document.documentElement;
    const isDark = root.dataset.theme === "dark" || (root.dataset.theme !== "light" && dark.matches);
    root.dataset.theme = isDark ? "light" : "dark";
    const body = new FormData(form);
    body.set("theme", root.dataset.theme);
    fetch(form.action, { method: "POST", body, redirect: "manual" });
  });
}
