// An error is shown where the problem is, in the words of the server; the text that was typed stays.

const offline = "Hearken cannot be reached. Nothing is lost; try again in a moment.";

function slotFor(element) {
  return element?.closest?.("[data-errors]")?.querySelector(".error-slot") ?? document.getElementById("flashes");
}

function say(element, words) {
  const notice = document.createElement("div");
  notice.className = "notice notice-error";
  notice.setAttribute("role", "alert");
  notice.textContent = words;
  slotFor(element).replaceChildren(notice);
}

export function showErrors() {
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, isError } = event.detail;
    if (!isError || xhr.status === 401) return;
    const place = slotFor(event.detail.requestConfig.elt);
    if (!xhr.getResponseHeader("Content-Type")?.startsWith("text/html")) {
      say(event.detail.requestConfig.elt, offline);
      return;
    }
    event.detail.shouldSwap = true;
    event.detail.target = place;
    event.detail.swapOverride = "innerHTML";
    place.closest("[data-errors]")?.querySelectorAll("details.menu[open]").forEach((menu) => (menu.open = false));
    if (xhr.status === 409) document.body.dispatchEvent(new CustomEvent("hearken:changed"));
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, (event) => {
      if (event.detail.requestConfig?.verb !== "get") say(event.detail.elt, offline);
    });
  }
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful || event.detail.requestConfig.verb !== "post") return;
    event.detail.elt.reset?.();
    event.detail.elt.closest("[data-errors]")?.querySelector(".error-slot")?.replaceChildren();
  });
}
