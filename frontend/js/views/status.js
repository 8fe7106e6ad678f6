// Announces the photos' states to screen readers.

import { hook } from "./dom.js";

const SENTENCES = {
  pending: ({ filename }) => `${filename} is uploaded; its thumbnails are being created.`,
  ready: ({ filename }) => `${filename} is ready.`,
  failed: ({ filename, error }) => `${filename} failed: ${error.message}`,
};

export function announce(store) {
  const status = hook("status");
  const states = new Map();
  store.addEventListener("images", ({ detail: id }) => {
    const image = store.image(id);
    const before = states.get(id);
    states.set(id, image?.state);
    if (store.loading || before === image?.state) return; // Announce changes only.
    status.textContent = image ? SENTENCES[image.state](image) : "The photo was deleted.";
  });
}
