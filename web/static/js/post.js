// Sends a form to the server from a script: with the CSRF token, and as JSON back.

const headers = () => ({ ...JSON.parse(document.body.getAttribute("hx-headers")), Accept: "application/json" });

export const post = (address, fields, options = {}) =>
  fetch(address, { method: "POST", headers: headers(), body: new URLSearchParams(fields), ...options });
