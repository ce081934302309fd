// The advice follows the answers: each change asks the server for the page that the form's button would bring.
// Without this file the button does the same.

const form = document.getElementById("questions");
const advice = document.getElementById("advice");
const told = document.createElement("p");
told.setAttribute("role", "status");
told.className = "spoken";
form.after(told);
let newest = 0;

async function follow() {
  const number = ++newest;
  const address = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
  advice.setAttribute("aria-busy", "true");
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (number !== newest) return; // a later answer is on its way
  advice.replaceChildren(...page.getElementById("advice").childNodes);
  advice.removeAttribute("aria-busy");
  form.querySelectorAll(".errors").forEach((error) => error.remove());
  told.textContent = document.getElementById("answer").textContent;
  history.replaceState(null, "", address);
}

form.addEventListener("change", () => follow().catch(() => form.submit()));
