// Asks for confirmation before a photo is deleted.

import { hook } from "./dom.js";

const dialog = hook("confirm");

export function askBeforeDelete({ filename }) {
  hook("name", dialog).textContent = filename;
  dialog.returnValue = "keep"; // For Escape.
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "delete"), { once: true });
  });
}
