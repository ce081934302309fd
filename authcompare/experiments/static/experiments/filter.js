// Finds common claims by any of their words. Without it the list is there all the same, with an anchor each.

const box = document.getElementById("filter");
const field = document.getElementById("filter-words");
const told = box?.querySelector("[role=status]");
const items = [...document.querySelectorAll(".common > li")];

function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of items) {
    const text = item.textContent.toLowerCase();
    item.hidden = !words.every((word) => text.includes(word));
  }
  const left = items.filter((item) => !item.hidden).length;
  told.textContent = words.length ? `${left} of ${items.length} claims` : "";
}

function remember() {
  const place = new URL(location.href);
  if (field.value) place.searchParams.set("find", field.value);
  else place.searchParams.delete("find");
  history.replaceState(null, "", place);
}

if (box) {
  field.value = new URLSearchParams(location.search).get("find") ?? "";
  box.hidden = false;
  field.addEventListener("input", () => { show(); remember(); });
  // Whoever follows a link to a claim has to see it, whatever was searched for.
  addEventListener("hashchange", () => {
    if (!document.getElementById(location.hash.slice(1))?.hidden) return;
    field.value = "";
    show();
    remember();
  });
  show();
}
