// Puts the parts together.

import { connect } from "./api.js";
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

const store = new Store();
showNotice(store);
announce(store);

async function start() {
  let api;
  try {
    api = await connect();
  } catch (error) {
    store.setNotice("config", `The page cannot find its API: ${error.message}`, start);
    return;
  }
  store.clearNotice("config");
  run(new Gallery(api, store), new Uploader(api, store));
}

function run(gallery, uploader) {
  const actions = {
    open: (image) => preview.open(image.id),
    close: (id) => grid.focus(id),
    remove: async (image) => (await askBeforeDelete(image)) && gallery.remove(image.id),
    more: () => gallery.more(),
    look: (image) => gallery.renewIfOld(image),
    broken: (image) => gallery.renewBroken(image),
  };
  const preview = new Preview(store, actions);
  const grid = new Grid(store, actions);
  new Poller(gallery, store);
  showUploads(store, uploader);
  takeFiles((files) => uploader.add(files));
  gallery.more();
}

start();
