// Uploads files, a few at a time, with a presigned upload from the API for each.

import { send } from "./api.js";
import { describe } from "./files.js";

const PARALLEL = 3;

export class Uploader {
  #api;
  #store;
  #queue = [];
  #running = 0;
  #keys = 0;

  constructor(api, store) {
    this.#api = api;
    this.#store = store;
  }

  add(files) {
    for (const file of files) {
      const upload = { key: ++this.#keys, file, state: "waiting", progress: 0, message: "Waiting", abort: new AbortController() };
      this.#store.setUpload(upload);
      this.#queue.push(upload);
    }
    this.#next();
  }

  cancel(upload) {
    upload.abort.abort();
    this.#queue = this.#queue.filter((waiting) => waiting !== upload);
    this.#store.dropUpload(upload.key);
  }

  async #next() {
    if (this.#running >= PARALLEL || this.#queue.length === 0) return;
    const upload = this.#queue.shift();
    this.#running += 1;
    this.#next();
    try {
      await this.#upload(upload);
    } catch (error) {
      if (!upload.abort.signal.aborted) this.#show(upload, "refused", error.message);
    }
    this.#running -= 1;
    this.#next();
  }

  async #upload(upload) {
    this.#show(upload, "sending", "Starting");
    const id = await this.#send(upload).catch((error) => {
      if (!error.expired) throw error;
      return this.#send(upload); // A presigned upload expires within minutes, which the queue may exceed: try once more.
    });
    const photo = describe(upload.file);
    this.#store.put({ ...photo, id, state: "pending", created_at: new Date().toISOString(), renditions: [] });
    this.#store.dropUpload(upload.key);
  }

  async #send(upload) {
    const { id, upload: target } = await this.#api.promise(describe(upload.file));
    try {
      upload.abort.signal.throwIfAborted();
      await send(target, upload.file, {
        onProgress: (progress) => this.#show(upload, "sending", `${Math.round(progress * 100)} %`, progress),
        signal: upload.abort.signal,
      });
    } catch (error) {
      this.#api.remove(id).catch(() => {}); // If this fails, it expires by itself.
      throw error;
    }
    return id;
  }

  #show(upload, state, message, progress = 0) {
    if (upload.abort.signal.aborted) return;
    this.#store.setUpload(Object.assign(upload, { state, message, progress }));
  }
}
