// The victim's page. It keeps the credential where `?place=` says, and shows a stored note unescaped.
"use strict";

(() => {
  const asked = new URLSearchParams(location.search);
  const place = asked.get("place");
  const byCookie = place === "session" || place === "token cookie";
  const early = window.fetch.bind(window); // before any other script could replace it
  const send = (...request) => (place === "memory, early fetch" ? early : window.fetch)(...request);
  let memory = "";
  let refresh; // in memory, too, wherever the access token is; nothing here has to outlive the page

  const stores = {
    localStorage: { keep: (token) => localStorage.setItem("access", token), get: () => localStorage.access },
    sessionStorage: { keep: (token) => sessionStorage.setItem("access", token), get: () => sessionStorage.access },
    "readable cookie": { keep: (token) => (document.cookie = `jwt=${token}; Secure; Path=/`), get: () => cookie("jwt") },
    memory: { keep: (token) => (memory = token), get: () => memory },
  };
  const store = stores[place.replace(", early fetch", "")];

  function cookie(name) {
    const found = document.cookie.split("; ").find((pair) => pair.split("=")[0].endsWith(name));
    return found ? found.slice(found.indexOf("=") + 1) : "";
  }

  function headers() {
    const proof = byCookie ? { "X-CSRFToken": cookie("csrftoken") } : { Authorization: `Bearer ${store.get()}` };
    return { "Content-Type": "application/json", Accept: "application/json", ...proof };
  }

  async function call(method, path, sent = null) {
    const how = { method, headers: headers(), credentials: byCookie ? "same-origin" : "omit" };
    const mount = place === "session" ? "/sessions" : "/tokens";
    return send(mount + path, sent === null ? how : { ...how, body: JSON.stringify(sent) });
  }

  async function logIn(username, password) {
    if (place === "session") await send("/sessions/login/"); // gives the CSRF token
    const transport = place === "token cookie" ? "cookie" : "header";
    return take(await post("/login/", { username, password, transport }));
  }

  async function renew() {
    return take(place === "session" ? await call("GET", "/me/") : await post("/refresh/", { refresh }));
  }

  async function take(answer) {
    if (answer.ok) {
      const issued = await answer.json();
      if (store) {
        store.keep(issued.access);
        refresh = issued.refresh;
      }
    }
    return answer.status;
  }

  function post(path, sent) {
    const how = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": cookie("csrftoken") };
    const mount = place === "session" ? "/sessions" : "/tokens";
    return send(mount + path, { method: "POST", headers: how, body: JSON.stringify(sent) });
  }

  async function show(id) {
    const note = await (await call("GET", `/notes/${id}/`)).json();
    document.querySelector("#shown").innerHTML = note.text; // the hole
  }

  document.querySelector("#new").addEventListener("submit", async (event) => {
    event.preventDefault();
    const mark = asked.get("cell") ?? ""; // so that the witness can tell whose note it is
    const answer = await call("POST", `/notes/?cell=${mark}`, { text: document.querySelector("#text").value });
    document.documentElement.dataset.saved = answer.status;
  });
  document.addEventListener("securitypolicyviolation", () => (document.documentElement.dataset.refused = "by CSP"));

  window.app = { logIn, renew, show, call };
})();
