// One photo of the grid: pending, ready or failed.

import { bytes, dimensions } from "../format.js";
import { clone, element, hook } from "./dom.js";
import { fill } from "./picture.js";
import { placeholder } from "./placeholder.js";

const SIZES = "(max-width: 40rem) 50vw, 18rem";

const FACTS = {
  pending: () => "Making thumbnails…",
  ready: (image) => `${dimensions(image)} · ${bytes(image.size_bytes)}`,
  failed: () => "No thumbnails",
};

export class Card {
  #image;
  #actions;

  constructor(actions) {
    this.#actions = actions;
    this.element = clone("card");
    hook("open", this.element).addEventListener("click", () => this.#image.state !== "pending" && actions.open(this.#image));
    hook("remove", this.element).addEventListener("click", () => actions.remove(this.#image));
  }

  update(image) {
    this.#image = image;
    const { state, filename, error } = image;
    this.element.dataset.state = state;
    hook("name", this.element).textContent = filename;
    hook("name", this.element).title = filename;
    hook("facts", this.element).textContent = FACTS[state](image);
    hook("remove", this.element).ariaLabel = `Delete ${filename}`;
    const open = hook("open", this.element);
    open.ariaLabel = { pending: `${filename}, thumbnails are being created`, ready: `Show ${filename}` }[state]
      ?? `Show ${filename}, failed: ${error.message}`;
    open.ariaDisabled = String(state === "pending");
    const reason = hook("reason", this.element);
    reason.hidden = state !== "failed";
    reason.textContent = error?.message ?? "";
    this.#fillFrame(hook("frame", this.element), image);
  }

  #fillFrame(frame, image) {
    if (image.state === "ready") return fill(frame, image, { sizes: SIZES, onBroken: this.#actions.broken });
    const blurred = image.placeholder ? placeholder(image.placeholder) : element("span", { className: "skeleton" });
    return frame.replaceChildren(...(image.state === "pending" ? [blurred] : []));
  }

  focus() {
    hook("open", this.element).focus();
  }
}
