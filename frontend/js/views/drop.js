// Accepts files that are chosen, dropped anywhere on the page, or pasted.

import { hook } from "./dom.js";

export function takeFiles(take) {
  const zone = hook("drop");
  const input = hook("files");
  let depth = 0; // dragenter and dragleave are fired for every element that is crossed.

  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (change) => {
    depth = Math.max(0, depth + change);
    zone.classList.toggle("over", depth > 0);
  };

  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = ""; // So that the same file can be chosen again.
  });
  addEventListener("dragenter", (event) => carriesFiles(event) && mark(1));
  addEventListener("dragleave", (event) => carriesFiles(event) && mark(-1));
  addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    mark(-depth);
    take([...event.dataTransfer.files]);
  });
  addEventListener("paste", (event) => take([...(event.clipboardData?.files ?? [])]));
}
