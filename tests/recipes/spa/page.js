import { Api } from "./api.js";

const base = new URLSearchParams(location.search).get("api");
const form = document.querySelector("form");
const apis = { header: new Api(base, "header"), cookie: new Api(base, "cookie") };

const acts = {
  login: (api) => api.login(form.username.value, form.password.value),
  write: async (api) => (await api.call("POST", "/tokens/notes/", { text: form.text.value })).status,
  read: async (api) => {
    const answer = await api.call("GET", "/tokens/notes/");
    return answer.ok ? (await answer.json()).results.map((note) => note.text).join(", ") || "none" : answer.status;
  },
  refresh: (api) => api.refresh(),
  logout: (api) => api.logout(),
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const act = event.submitter.value;
  const said = await acts[act](apis[form.transport.value]);
  document.querySelector("output").textContent = `${act}: ${said}`;
});
