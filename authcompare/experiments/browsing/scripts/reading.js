// What a script on the page can get hold of, in three strengths, all of it as text.
"use strict";

window.reading = (() => {
  // Strength 1: look. Everything a script finds without waiting for anything.
  async function look(page) {
    const seen = { "document.cookie": page.document.cookie };
    if (page.cookieStore) seen.cookieStore = JSON.stringify(await page.cookieStore.getAll());
    seen.localStorage = JSON.stringify({ ...page.localStorage });
    seen.sessionStorage = JSON.stringify({ ...page.sessionStorage });
    seen.DOM = page.document.documentElement.outerHTML;
    seen.window = JSON.stringify(Object.values(page).filter((value) => typeof value === "string"));
    const answers = await Promise.all(["/sessions/me/", "/tokens/me/", "/sessions/"].map((path) => told(page, path)));
    seen.answers = answers.join("\n");
    return seen;
  }

  async function told(page, path) {
    const answer = await page.fetch(path);
    return JSON.stringify([...answer.headers]) + (await answer.text());
  }

  // Strength 2: listen. Stand where the page's next request passes by, and where it reads the answer.
  function listen(page) {
    const heard = { requests: [], answers: [] };
    const { requests, answers } = heard;
    const text = (headers) => JSON.stringify(headers instanceof page.Headers ? [...headers] : headers ?? "");
    const { fetch, Request, Response, XMLHttpRequest, Headers } = page;
    page.fetch = (what, how = {}) => {
      requests.push(text(how.headers), what instanceof Request ? text(what.headers) : "");
      return fetch.call(page, what, how);
    };
    const { set, append } = Headers.prototype;
    Headers.prototype.set = function (name, value) { requests.push(value); return set.call(this, name, value); };
    Headers.prototype.append = function (name, value) { requests.push(value); return append.call(this, name, value); };
    const { setRequestHeader } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
      requests.push(value);
      return setRequestHeader.call(this, name, value);
    };
    for (const how of ["json", "text"]) {
      const read = Response.prototype[how];
      Response.prototype[how] = async function () {
        const told = await read.call(this);
        answers.push(told);
        return told;
      };
    }
    return heard;
  }

  // Strength 3: ask. Use what the browser sends by itself to have a new one issued, and read the answer.
  async function ask(page) {
    const found = page.document.cookie.match(/csrftoken=([^;]*)/);
    const headers = { "Content-Type": "application/json", "X-CSRFToken": found ? found[1] : "" };
    const answer = await page.fetch("/tokens/refresh/", { method: "POST", headers, body: "{}" });
    return { status: answer.status, text: await answer.text() };
  }

  // What might be a credential: long words, with or without the dots of a token.
  const candidates = (text) => [...new Set(text.match(/[\w-]{24,}(\.[\w-]+){0,2}/g) ?? [])];

  return { look, listen, ask, candidates };
})();
