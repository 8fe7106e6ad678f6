// Shows errors that concern the whole page, with a button to try again.

import { hook } from "./dom.js";

export function showNotice(store) {
  const box = hook("notice");
  const retry = hook("retry", box);
  store.addEventListener("notice", () => {
    box.hidden = store.notice === null;
    hook("text", box).textContent = store.notice?.text ?? "";
    retry.hidden = !store.notice?.retry;
  });
  retry.addEventListener("click", () => store.notice?.retry());
}
