// A photo at full size, with its properties and downloads; the arrow keys show the next and previous ones.

import { details } from "./details.js";
import { element, hook } from "./dom.js";
import { fill, largest } from "./picture.js";

export class Preview {
  #store;
  #actions;
  #id = null;
  #place = 0;
  #dialog = hook("preview");

  constructor(store, actions) {
    this.#store = store;
    this.#actions = actions;
    const on = (name, action) => hook(name, this.#dialog).addEventListener("click", action);
    on("close", () => this.#dialog.close());
    on("previous", () => this.#turn(-1));
    on("next", () => this.#turn(1));
    on("delete", () => actions.remove(store.image(this.#id)));
    this.#dialog.addEventListener("close", () => actions.close(this.#id));
    this.#dialog.addEventListener("keydown", ({ key }) => this.#turn({ ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0));
    store.addEventListener("images", ({ detail }) => this.#dialog.open && this.#change(detail));
  }

  get #shown() {
    return this.#store.images.filter((image) => image.state !== "pending");
  }

  open(id) {
    this.#id = id;
    this.#render();
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#actions.look(this.#store.image(id));
  }

  async #turn(step) {
    if (step === 0) return;
    const target = this.#shown.findIndex((image) => image.id === this.#id) + step;
    if (target >= this.#shown.length && this.#store.cursor && !this.#store.loading) await this.#actions.more();
    if (this.#shown[target]) this.open(this.#shown[target].id);
  }

  #change(id) {
    if (id === this.#id && !this.#store.image(id)) {
      const neighbour = this.#shown[this.#place] ?? this.#shown.at(-1);
      if (neighbour) this.open(neighbour.id);
      else this.#dialog.close();
    } else if (id === this.#id) this.#render();
    else this.#showTurns();
  }

  #render() {
    const image = this.#store.image(this.#id);
    const frame = hook("frame", this.#dialog);
    hook("title", this.#dialog).textContent = image.filename;
    if (image.state === "ready") this.#show(frame, image);
    else frame.replaceChildren(element("p", { className: "reason", textContent: image.error.message }));
    details(this.#dialog, image);
    this.#showTurns();
  }

  #show(frame, image) {
    const { width, height } = largest(image.renditions);
    frame.style.setProperty("--width", width);
    frame.style.setProperty("--height", height);
    const renditions = image.renditions.filter((rendition) => rendition.width === width);
    fill(frame, { ...image, renditions }, { sizes: `${width}px`, onBroken: () => this.#actions.broken(image) });
  }

  #showTurns() {
    const place = this.#shown.findIndex((image) => image.id === this.#id);
    this.#place = place;
    const isLast = place === this.#shown.length - 1 && this.#store.cursor === null;
    hook("previous", this.#dialog).ariaDisabled = String(place <= 0);
    hook("next", this.#dialog).ariaDisabled = String(isLast);
  }
}
