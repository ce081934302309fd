/* A client of the token API for a page on another origin of the same site, by either transport.
 *
 * header  the tokens are in this object: gone with the page, and no other script is handed them
 * cookie  the tokens are in HttpOnly cookies: no script reads them; unsafe requests carry the CSRF token
 */
export class Api {
  #access = null;
  #refresh = null;
  #refreshing = null;

  constructor(base, transport) {
    this.base = base;
    this.transport = transport;
  }

  async login(username, password) {
    return this.#take(await this.#send("POST", "/tokens/login/", { username, password, transport: this.transport }));
  }

  /** Any request below /tokens/; an access token that has expired is renewed once, whoever asks meanwhile waits. */
  async call(method, path, body) {
    const answer = await this.#send(method, path, body);
    if (answer.status !== 401) return answer;
    this.#refreshing ??= this.refresh().finally(() => { this.#refreshing = null; });
    return (await this.#refreshing) ? this.#send(method, path, body) : answer;
  }

  async refresh() {
    return this.#take(await this.#send("POST", "/tokens/refresh/", this.#refresh ? { refresh: this.#refresh } : {}));
  }

  async logout() {
    const answer = await this.#send("POST", "/tokens/logout/", this.#refresh ? { refresh: this.#refresh } : {});
    this.#access = this.#refresh = null;
    return answer.ok;
  }

  /** Another tab that logs in replaces the CSRF token, and a new tab has none: a safe request is told it. */
  async #send(method, path, body) {
    const answer = await this.#fetch(method, path, body);
    if (answer.status !== 403 || (await answer.clone().json()).type !== "csrf") return answer;
    await this.#fetch("GET", "/tokens/me/");
    return this.#fetch(method, path, body);
  }

  async #fetch(method, path, body) {
    const headers = new Headers();
    if (body !== undefined) headers.set("Content-Type", "application/json");
    if (this.#access) headers.set("Authorization", `Bearer ${this.#access}`);
    if (this.transport === "cookie") headers.set("X-CSRFToken", sessionStorage.getItem("csrf") ?? "");
    const answer = await fetch(this.base + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      // Only the cookie transport needs what the browser sends by itself.
      credentials: this.transport === "cookie" ? "include" : "omit",
    });
    // Another origin cannot read the CSRF cookie, so answers say it; it logs nobody in by itself.
    const csrf = answer.headers.get("X-CSRFToken");
    if (csrf) sessionStorage.setItem("csrf", csrf);
    return answer;
  }

  async #take(answer) {
    if (!answer.ok) return false;
    const { access, refresh } = await answer.json();
    if (access) [this.#access, this.#refresh] = [access, refresh];
    return true;
  }
}
