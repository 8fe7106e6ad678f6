// A row for each upload in progress or refused.

import { clone, hook } from "./dom.js";

function update(row, { file, state, message, progress }) {
  row.dataset.state = state;
  hook("name", row).textContent = file.name;
  hook("message", row).textContent = message;
  const bar = hook("progress", row);
  bar.hidden = state === "refused";
  bar.value = progress;
  bar.ariaLabel = `Upload of ${file.name}`;
  const button = hook("dismiss", row);
  button.textContent = state === "refused" ? "Dismiss" : "Cancel";
  button.ariaLabel = `${button.textContent} ${file.name}`;
  hook("message", row).role = state === "refused" ? "alert" : null;
}

export function showUploads(store, uploader) {
  const section = hook("uploads");
  const list = hook("rows", section);
  const rows = new Map();

  function add(upload) {
    const row = clone("upload-row");
    hook("dismiss", row).addEventListener("click", () => {
      uploader.cancel(upload);
      hook("files").focus(); // The button that had the focus was removed.
    });
    rows.set(upload.key, row);
    list.append(row);
    return row;
  }

  store.addEventListener("uploads", ({ detail: key }) => {
    const upload = store.uploads.find((candidate) => candidate.key === key);
    if (upload) update(rows.get(key) ?? add(upload), upload);
    else rows.get(key)?.remove();
    section.hidden = store.uploads.length === 0;
  });
}
