// Asks before a photo goes for good.

import { hook } from "./dom.js";

const dialog = hook("confirm");

export function askBeforeDelete({ filename }) {
  hook("name", dialog).textContent = filename;
  dialog.returnValue = "keep"; // What Escape means.
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "delete"), { once: true });
  });
}
