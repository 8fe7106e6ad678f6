// Creates and connects the parts.

import { Api } from "./api.js";
import { Gallery } from "./gallery.js";
import { Poller } from "./poller.js";
import { Store } from "./store.js";
import { Uploader } from "./uploader.js";
import { askBeforeDelete } from "./views/confirm.js";
import { takeFiles } from "./views/drop.js";
import { Grid } from "./views/grid.js";
import { showNotice } from "./views/notice.js";
import { Preview } from "./views/preview.js";
import { announce } from "./views/status.js";
import { showUploads } from "./views/uploads.js";

const api = new Api();
const store = new Store();
const gallery = new Gallery(api, store);
const uploader = new Uploader(api, store);

const preview = new Preview(store, {
  look: (image) => gallery.renewIfOld(image),
  broken: (image) => gallery.renewBroken(image),
  remove,
  more: () => gallery.more(),
  close: (id) => grid.focus(id),
});
const grid = new Grid(store, {
  open: (image) => preview.open(image.id),
  broken: (image) => gallery.renewBroken(image),
  remove,
  more: () => gallery.more(),
});

async function remove(image) {
  if (await askBeforeDelete(image)) await gallery.remove(image.id);
}

new Poller(gallery, store);
showNotice(store);
announce(store);
showUploads(store, uploader);
takeFiles((files) => uploader.add(files));
gallery.more();
