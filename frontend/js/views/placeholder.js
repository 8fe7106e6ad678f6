// A blurred picture of a few bytes (ThumbHash), shown until the real one has loaded.

import { thumbHashToRGBA } from "../vendor/thumbhash.js";
import { element } from "./dom.js";

export function placeholder(base64) {
  const hash = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const { w: width, h: height, rgba } = thumbHashToRGBA(hash);
  const canvas = element("canvas", { width, height, className: "placeholder", ariaHidden: "true" });
  canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(rgba), width, height), 0, 0);
  return canvas;
}
