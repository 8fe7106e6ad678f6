// Loads images from the API into the store, and deletes them.

const PAGE_SIZE = 24;
const SINGLE_REQUESTS = 4;
const MAX_LIMIT = 100;
const FRESH_MS = 30 * 60 * 1000; // A signed URL lives for an hour, and is valid for at least half an hour when it arrives.
const RENEW_AGAIN_MS = 60 * 1000;

export class Gallery {
  #api;
  #store;

  constructor(api, store) {
    this.#api = api;
    this.#store = store;
  }

  /** Load the first page, or the next one. */
  async more() {
    this.#store.setLoading(true);
    try {
      const { items, next_cursor: cursor } = await this.#api.list(PAGE_SIZE, this.#store.cursor);
      for (const image of items) this.#store.put(image);
      this.#store.setCursor(cursor);
      this.#store.clearNotice("list");
    } catch (error) {
      this.#store.setNotice("list", error.message, () => this.more());
    }
    this.#store.setLoading(false);
  }

  /** Reload one image: its signed URLs have expired, or it was pending. */
  async refresh(id) {
    try {
      this.#store.put(await this.#api.get(id), { renew: true });
    } catch (error) {
      if (error.status !== 404) throw error;
      this.#store.drop(id);
    }
  }

  /** Before an image is shown large: its links should stay valid for a while. */
  renewIfOld({ id, received }) {
    if (Date.now() - received > FRESH_MS) this.refresh(id).catch(() => {});
  }

  /** A picture failed to load: its URL may have expired. Returns whether a new one has been requested. */
  renewBroken({ id, renewed }) {
    if (Date.now() - renewed < RENEW_AGAIN_MS) return false;
    this.refresh(id).catch(() => {});
    return true;
  }

  /** Request the state of pending images: individually if they are few, else with one list. */
  async refreshPending() {
    const ids = new Set(this.#store.pending.map((image) => image.id));
    if (ids.size > SINGLE_REQUESTS) {
      const depth = this.#store.images.findLastIndex((image) => ids.has(image.id)) + 1;
      const { items } = await this.#api.list(Math.min(depth, MAX_LIMIT));
      for (const image of items) {
        this.#store.put(image);
        ids.delete(image.id);
      }
    }
    await Promise.all([...ids].slice(0, SINGLE_REQUESTS).map((id) => this.refresh(id)));
  }

  async remove(id) {
    try {
      await this.#api.remove(id);
      this.#store.drop(id);
      this.#store.clearNotice("delete");
    } catch (error) {
      this.#store.setNotice("delete", error.message, () => this.remove(id));
    }
  }
}
