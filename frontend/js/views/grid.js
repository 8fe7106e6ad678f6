// The grid of photos, newest first, and the button that loads more.

import { Card } from "./card.js";
import { hook } from "./dom.js";

export class Grid {
  #store;
  #actions;
  #cards = new Map();
  #list = hook("grid");
  #more = hook("more");

  constructor(store, actions) {
    this.#store = store;
    this.#actions = actions;
    store.addEventListener("images", ({ detail }) => this.#change(detail));
    store.addEventListener("paging", () => this.#showPaging());
    this.#more.addEventListener("click", () => this.#more.ariaBusy !== "true" && this.#loadMore());
  }

  async #loadMore() {
    const shown = this.#list.children.length;
    await this.#actions.more();
    if (this.#more.hidden) this.focus(this.#store.images[shown]?.id); // Otherwise the focus would be lost with the button.
  }

  #change(id) {
    const image = this.#store.image(id);
    if (!image) this.#remove(id);
    else {
      if (!this.#cards.has(id)) this.#cards.set(id, new Card(this.#actions));
      this.#cards.get(id).update(image);
      this.#place(id);
    }
    this.#showPaging();
  }

  #place(id) {
    const images = this.#store.images;
    const { element } = this.#cards.get(id);
    const next = this.#cards.get(images[images.findIndex((image) => image.id === id) + 1]?.id)?.element ?? null;
    if (element.nextSibling !== next || !element.isConnected) this.#list.insertBefore(element, next);
  }

  #remove(id) {
    const { element } = this.#cards.get(id);
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    if (element.contains(document.activeElement)) (hook("open", neighbour ?? element) ?? element).focus();
    element.remove();
    this.#cards.delete(id);
    if (!neighbour) document.getElementById("gallery-title").focus();
  }

  #showPaging() {
    const { loading, listed, cursor } = this.#store;
    hook("gallery").ariaBusy = String(loading);
    hook("empty").hidden = !listed || this.#cards.size > 0;
    this.#more.hidden = cursor === null;
    this.#more.ariaBusy = String(loading);
    this.#more.textContent = loading ? "Loading…" : "Show more";
  }

  focus(id) {
    this.#cards.get(id)?.focus();
  }
}
