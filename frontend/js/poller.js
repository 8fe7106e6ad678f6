// Polls pending images: with increasing intervals while nothing changes, and never in a hidden tab.

const DELAYS_MS = [700, 1000, 1500, 2500, 4000, 8000, 15_000, 30_000];

export class Poller {
  #gallery;
  #store;
  #step = 0;
  #timer = null;

  constructor(gallery, store) {
    this.#gallery = gallery;
    this.#store = store;
    store.addEventListener("images", () => this.#restart());
    document.addEventListener("visibilitychange", () => this.#restart());
  }

  #restart() {
    this.#step = 0;
    clearTimeout(this.#timer);
    this.#schedule();
  }

  #schedule() {
    if (document.hidden || this.#store.pending.length === 0) return;
    const delay = DELAYS_MS[Math.min(this.#step, DELAYS_MS.length - 1)];
    this.#timer = setTimeout(() => this.#ask(), delay);
  }

  async #ask() {
    this.#step += 1;
    try {
      await this.#gallery.refreshPending();
      this.#store.clearNotice("poll");
    } catch (error) {
      this.#store.setNotice("poll", error.message, () => this.#restart());
    }
    clearTimeout(this.#timer);
    this.#schedule();
  }
}
