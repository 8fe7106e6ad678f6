// The page's state. It emits "images" and "uploads" (detail: the id or key that changed), "paging" and "notice".

const newestFirst = (a, b) =>
  b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id);

/** Whether two images are equal, except for their signed URLs. */
const same = (a, b) => ["state", "created_at", "processed_at"].every((name) => (a[name] ?? null) === (b[name] ?? null));

export class Store extends EventTarget {
  #images = new Map();
  #uploads = new Map();
  loading = false;
  listed = false; // Whether the first page has been loaded.
  cursor = null;
  notice = null; // { topic, text, retry }

  #emit(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  get images() {
    return [...this.#images.values()].sort(newestFirst);
  }

  get pending() {
    return this.images.filter((image) => image.state === "pending");
  }

  image(id) {
    return this.#images.get(id);
  }

  /** Keep unchanged images, so that a picture is not reloaded because of a new URL. */
  put(image, { renew = false } = {}) {
    const known = this.#images.get(image.id);
    if (known && same(known, image) && !(renew && image.state === "ready")) return;
    const now = Date.now();
    this.#images.set(image.id, { ...image, received: now, renewed: renew ? now : 0 });
    this.#emit("images", image.id);
  }

  drop(id) {
    if (this.#images.delete(id)) this.#emit("images", id);
  }

  setLoading(loading) {
    this.loading = loading;
    this.#emit("paging");
  }

  setCursor(cursor) {
    Object.assign(this, { cursor, listed: true });
    this.#emit("paging");
  }

  setNotice(topic, text, retry = null) {
    this.notice = { topic, text, retry };
    this.#emit("notice");
  }

  clearNotice(topic) {
    if (this.notice?.topic !== topic) return;
    this.notice = null;
    this.#emit("notice");
  }

  get uploads() {
    return [...this.#uploads.values()];
  }

  setUpload(upload) {
    this.#uploads.set(upload.key, upload);
    this.#emit("uploads", upload.key);
  }

  dropUpload(key) {
    if (this.#uploads.delete(key)) this.#emit("uploads", key);
  }
}
