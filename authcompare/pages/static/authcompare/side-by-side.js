// The walk with JavaScript: the same requests as the forms stand for, sent by this browser itself.
// The tokens live in this module's memory and nowhere else: a reload throws them away.

const held = { access: "", refresh: "" };
const ACTS = { POST: true, PUT: true, DELETE: true };
const walk = () => document.querySelector("#walk");
const field = (name) => walk().querySelector(`[name="${name}"]`)?.value ?? "";
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

// From the cookie, not from the form: a login makes a new one.
const csrf = () => document.cookie.split("; ").find((one) => one.startsWith("csrftoken="))?.split("=")[1] ?? "";

// What each scheme adds to a request, and what it must not send; a body may prove by itself who asks.
const credentials = {
  session: (method) => ({
    credentials: "same-origin",
    headers: ACTS[method] ? { "X-CSRFToken": csrf() } : {},
  }),
  token: (method, proves) => ({
    credentials: "omit",
    headers: held.access && !proves ? { Authorization: `Bearer ${held.access}` } : {},
  }),
};

async function send(scheme, { method, path, body }) {
  const known = { "{username}": field("username"), "{password}": field("password"), "{refresh}": held.refresh };
  const filled = body && Object.fromEntries(Object.entries(body).map(([name, value]) => [name, known[value] ?? value]));
  const { credentials: mode, headers } = credentials[scheme](method, body?.password ?? body?.refresh);
  const answer = await fetch(path, {
    method,
    credentials: mode,
    headers: { Accept: "application/json", ...(filled && { "Content-Type": "application/json" }), ...headers },
    body: filled && JSON.stringify(filled),
  });
  if (scheme === "token" && answer.ok && filled) keep(await answer.json());
  return answer;
}

function keep({ access, refresh }) {
  if (access) Object.assign(held, { access, refresh });
}

// One column's step, with the steps before it that are missing. The new state, as it stands in the address.
async function run(panel) {
  const scheme = panel.dataset.scheme;
  const { now, nothing } = JSON.parse(panel.dataset.asks);
  const ids = [];
  let login = panel.dataset.state.split(".")[1] ?? "";
  for (const ask of scheme === "token" && !held.access ? nothing : now) {
    const answer = await send(scheme, ask);
    const id = answer.headers.get("X-Request-Id");
    if (ask.own || !answer.ok) ids.push(id);
    else login = id;
    if (!ask.own && !answer.ok) break;
    if (ask.wait && answer.ok) await wait(panel, ask.wait);
  }
  return [field("step"), login, ...ids].join(".");
}

// The button counts down where the eye is; assistive technology is told once, not every second.
async function wait(panel, seconds) {
  say(`Waiting ${seconds} seconds for the token to expire.`);
  for (let left = seconds; left > 0; left--) {
    panel.querySelector("button").textContent = `Waiting for it to expire: ${left} s`;
    await pause(1);
  }
}

function say(words) {
  document.querySelector("#said").textContent = words;
}

async function perform(schemes) {
  walk().setAttribute("aria-busy", "true");
  walk().querySelectorAll("button").forEach((button) => { button.disabled = true; });
  const address = new URL(location.href);
  address.searchParams.delete("run");
  address.searchParams.set("step", field("step"));
  const panels = [...walk().querySelectorAll("[data-scheme]")];
  const states = await Promise.all(panels.map((panel) =>
    schemes.includes(panel.dataset.scheme) ? run(panel) : panel.dataset.state));
  panels.forEach((panel, number) => address.searchParams.set(panel.dataset.scheme, states[number]));
  await show(address, true);
  walk().querySelector(`[data-scheme="${schemes[0]}"] [data-result]`).focus();
  say(schemes.map((scheme) => verdict(scheme)).join(" "));
}

function attempt(schemes) {
  perform(schemes).catch((error) => {
    say(`The lab does not answer: ${error.message}. Is it still running?`);
    document.querySelector("#said").classList.remove("skip");
    walk().setAttribute("aria-busy", "false");
    fill();
  });
}

function verdict(scheme) {
  const panel = walk().querySelector(`[data-scheme="${scheme}"]`);
  return `By ${scheme}: ${panel.querySelector("[data-result] + p").innerText}`;
}

async function show(address, isNew) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  walk().replaceWith(page.querySelector("#walk"));
  document.title = page.title;
  document.querySelector("header.site").replaceWith(page.querySelector("header.site"));
  if (isNew) history.pushState(null, "", address);
  fill();
}

// What only this browser can say: what a script can read, and what the token says.
function fill() {
  walk().querySelectorAll("button:disabled").forEach((button) => { button.disabled = false; });
  const tried = walk().querySelector('[data-scheme="session"] [data-tried]');
  if (tried) {
    const found = document.cookie.split("; ").some((one) => one.startsWith("sessionid="));
    tried.textContent = found ? "A script can read this!" : "A script cannot read this: tried document.cookie, got nothing of it.";
  }
  fillToken(walk().querySelector('[data-scheme="token"]'));
  count();
}

function fillToken(panel) {
  const claims = held.access ? decoded(held.access) : null;
  panel.querySelector("[data-tried]").textContent = claims
    ? `A script can read this: this page holds an access token of ${held.access.length} characters and a refresh token of ${held.refresh.length}. Decoded below, which proves nothing: only the server checks the signature.`
    : "This page holds no token. A reload throws away what it held.";
  panel.querySelector("[data-held]").hidden = !claims;
  for (const slot of panel.querySelectorAll("[data-claim]")) {
    const name = slot.dataset.claim;
    slot.replaceChildren(...(claims && name in claims ? [shown(name, claims[name])] : ["not said"]));
  }
}

// Header and payload. Decoding is not verifying: only the server's answer says whether the signature is right.
function decoded(token) {
  const [header, payload] = token.split(".").slice(0, 2).map((part) => {
    const bytes = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (one) => one.charCodeAt(0))));
  });
  return { ...header, ...payload };
}

function shown(name, value) {
  if (!["exp", "iat", "auth_time"].includes(name)) return String(value);
  const time = document.createElement("time");
  time.dateTime = new Date(value * 1000).toISOString();
  time.textContent = time.dateTime.slice(11, 19) + " UTC";
  if (name === "exp") time.dataset.until = value;
  return time;
}

function count() {
  for (const time of walk().querySelectorAll("[data-until]")) {
    const left = Math.round(time.dataset.until - Date.now() / 1000);
    const words = left > 0 ? `in ${Math.floor(left / 60)} min ${left % 60} s` : `${-left} s ago: expired`;
    time.textContent = `${time.dateTime.slice(11, 19)} UTC, ${words}`;
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "do") return;
  event.preventDefault();
  const only = event.submitter?.name === "only" ? [event.submitter.value] : ["session", "token"];
  attempt(only);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(new URL(link.href), true).then(() => walk().querySelector("#do h2").focus());
});
addEventListener("popstate", () => show(new URL(location.href), false));
setInterval(count, 1000);
fill();
// The half of a form's step that no form can do. Not for other sites' links.
const wanted = new URL(location.href).searchParams.get("run") === "token";
if (wanted && document.referrer.startsWith(`${location.origin}/`)) attempt(["token"]);
