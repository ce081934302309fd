// A button that copies, beside every block of lines made to be pasted. Without scripts there is none.
const said = document.createElement("p");
said.className = "hint";
said.setAttribute("role", "status");

async function copy(event) {
  const button = event.target;
  try {
    await navigator.clipboard.writeText(button.nextElementSibling.textContent);
    said.textContent = "Copied.";
  } catch {
    said.textContent = "Your browser does not allow it: select the lines and copy them.";
  }
  button.before(said);
}

for (const lines of document.querySelectorAll("pre[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy the lines: ${document.getElementById(lines.getAttribute("aria-labelledby"))?.textContent ?? ""}`);
  button.addEventListener("click", copy);
  lines.before(button);
}
