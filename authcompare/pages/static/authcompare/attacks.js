// Plays the victim's browser: logs in as the form says, meets the attack, and shows what the server recorded.
const form = document.querySelector("#attack");
const said = document.querySelector("#said");
const PATIENCE_MS = 4000;
const say = (words) => { said.textContent = words; };
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const csrf = () => document.cookie.split("; ").find((one) => one.startsWith("csrftoken="))?.split("=")[1] ?? "";
const newRun = () => [...crypto.getRandomValues(new Uint8Array(4))].map((one) => one.toString(16).padStart(2, "0")).join("");

const post = (path, body, headers = {}) => fetch(path, {
  method: "POST",
  headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrf(), ...headers },
  body: JSON.stringify(body),
});
const tell = (path, fields) => fetch(path, { method: "POST", headers: { "X-CSRFToken": csrf() }, body: new URLSearchParams(fields) });

async function forgetAll() {
  await post("/sessions/logout/", {});
  await post("/tokens/logout/", {});
  localStorage.removeItem("access");
  sessionStorage.removeItem("access");
}

// Logs in at one place; gives back the tokens where a script may have them.
async function logIn(place, run, { username, password }) {
  if (place === "session") {
    await expectOk(post(`/sessions/login/?q=${run}.victim-logs-in`, { username, password }));
    return {};
  }
  const transport = place === "cookie" ? "cookie" : "header";
  const answer = await expectOk(post(`/tokens/login/?q=${run}.victim-logs-in`, { username, password, transport }));
  const pair = await answer.json();
  if (place === "local") localStorage.setItem("access", pair.access);
  if (place === "tab") sessionStorage.setItem("access", pair.access);
  return pair;
}

async function expectOk(asked) {
  const answer = await asked;
  if (!answer.ok) throw new Error((await answer.json()).detail);
  return answer;
}

const ATTACKS = {
  async injection(run, chosen) {
    const { access } = await logIn(chosen.place, run, chosen);
    const board = document.querySelector("#board");
    board.hidden = false;
    const loaded = new Promise((done) => board.addEventListener("load", done, { once: true }));
    board.src = `/attacks/board/${run}/?policy=${chosen.policy}`;
    await loaded;
    const mount = chosen.place === "session" ? "sessions" : "tokens";
    board.contentWindow.postMessage({ run, mount, access }, location.origin);
    await seen(run, "[data-loot]");
  },

  async forgery(run, chosen) {
    await logIn(chosen.place, run, chosen);
    const lure = open(`${form.dataset[chosen.origin]}/attacks/lure/${run}/`, "_blank", "popup,width=420,height=320");
    if (!lure) throw new Error("Your browser kept the other page from opening: allow windows for this page.");
    await seen(run, "tbody tr:nth-child(4)");  // the login, and three requests of the other page
  },

  async stolen(run, chosen) {
    const { access, refresh } = await logIn(chosen.kind === "cookie" ? "session" : "memory", run, chosen);
    await expectOk(tell(`/attacks/steal/${run}/`, { kind: chosen.kind, token: { access, refresh }[chosen.kind] ?? "" }));
    await tell(`/attacks/reuse/${run}/`, { label: "first" });
    if (chosen.kind === "refresh") {
      say(`The thief has a new pair. You use yours in ${form.dataset.wait} seconds.`);
      await pause(Number(form.dataset.wait));
      await post(`/tokens/refresh/?q=${run}.victim-refreshes`, { refresh });
    } else if (chosen.kind === "cookie") {
      await post(`/sessions/logout/?q=${run}.victim-logs-out`, {});
    } else {
      await post(`/tokens/logout/?q=${run}.victim-logs-out`, { refresh });
    }
    await tell(`/attacks/reuse/${run}/`, { label: "afterwards" });
  },
};

async function showEvidence(run) {
  const answer = await fetch(`/attacks/happened/${run}/`, { headers: { Accept: "text/html" } });
  document.querySelector("#evidence").innerHTML = await answer.text();
}

// Waits for the server to have recorded it, or for as long as an attack that is stopped is given.
async function seen(run, what) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    await showEvidence(run);
    if (document.querySelector(`#evidence ${what}`)) return;
    await pause(0.2);
  }
}

// What the prediction was about: a thief's last try, or a note in the victim's name.
function wasRight(attack, guess) {
  const of = (name) => Number(document.querySelector(`#evidence [data-${name}]`).dataset[name]);
  const last = [...document.querySelectorAll("#evidence tbody tr")].at(-1);
  const happened = { injection: () => of("thief") > 0, forgery: () => of("written") > 0, stolen: () => last?.classList.contains("worked") };
  return happened[attack]() === (guess === "yes");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const chosen = Object.fromEntries(new FormData(form));
  const run = newRun();
  form.setAttribute("aria-busy", "true");
  form.querySelector("button").disabled = true;
  say("Running…");
  try {
    await forgetAll();
    await ATTACKS[form.dataset.attack](run, chosen);
    await showEvidence(run);
    say(`Done. You predicted ${wasRight(form.dataset.attack, chosen.guess) ? "right" : "wrong"}.`);
    document.querySelector("#happened").focus();
  } catch (problem) {
    say(problem.message);
  } finally {
    form.removeAttribute("aria-busy");
    form.querySelector("button").disabled = false;
  }
});
