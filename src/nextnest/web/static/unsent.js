// What the customer wrote and the server has not confirmed. It outlives a reload of this tab.

export class Unsent {
  #key;
  #kept = [];
  #failures = 0;

  constructor(base) {
    this.#key = `nextnest-unsent:${base}`;
    try {
      this.#kept = JSON.parse(sessionStorage.getItem(this.#key)) ?? [];
    } catch {
      this.#kept = [];
    }
  }

  all = () => [...this.#kept];
  first = () => this.#kept[0];
  get = (clientId) => this.#kept.find((kept) => kept.client_id === clientId);
  has = (clientId) => Boolean(this.get(clientId));

  add(message) {
    this.#kept.push(message);
    this.#save();
  }

  remove(clientId) {
    this.#kept = this.#kept.filter((kept) => kept.client_id !== clientId);
    this.#failures = 0;
    this.#save();
  }

  /** Milliseconds to wait before the next try: longer each time, at most 30 s. */
  pause() {
    this.#failures += 1;
    return Math.min(30_000, 1000 * 2 ** (this.#failures - 1));
  }

  #save() {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.#kept));
    } catch {
      // not allowed here: it is still in memory
    }
  }
}
