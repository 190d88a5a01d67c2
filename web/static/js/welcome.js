// Fills the query from the brand's name, until the person writes a query of their own.
const name = document.querySelector("#f-name");
const query = document.querySelector("#f-query");
let own = query.value !== "";

async function suggest() {
  if (own) return;
  const asked = name.value;
  const answer = await fetch(`${name.dataset.suggest}?${new URLSearchParams({ name: asked })}`);
  if (!answer.ok || own || name.value !== asked) return;
  query.value = await answer.text();
  query.dispatchEvent(new CustomEvent("suggested", { bubbles: true }));
}

query.addEventListener("input", () => {
  own = query.value !== "";
});
name.addEventListener("input", suggest);
if (name.value && !own) suggest();
