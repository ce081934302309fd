// The list renews itself while nobody is in it, and stops where its box is unticked.

const box = document.querySelector("#refresh");
const EVERY_MS = 2000;

async function renew() {
  const list = document.querySelector("#wire");
  if (!box.checked || document.hidden || list.contains(document.activeElement)) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.querySelector("#wire").innerHTML !== list.innerHTML) list.replaceWith(page.querySelector("#wire"));
}

document.querySelector("[data-refresh]").hidden = false;
setInterval(() => renew().catch(() => { box.checked = false; }), EVERY_MS);
