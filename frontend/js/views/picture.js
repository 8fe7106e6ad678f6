// <picture> with the best format that the browser supports, above the placeholder.

import { altText } from "../files.js";
import { element } from "./dom.js";
import { placeholder } from "./placeholder.js";

const BEST_FIRST = ["avif", "webp", "png", "jpeg"];

/** [format, its renditions], the best format first. */
function byFormat(renditions) {
  const formats = [...new Set(renditions.map(({ format }) => format))];
  formats.sort((a, b) => BEST_FIRST.indexOf(a) - BEST_FIRST.indexOf(b));
  return formats.map((format) => [format, renditions.filter((rendition) => rendition.format === format)]);
}

const srcset = (renditions) => renditions.map(({ url, width }) => `${url} ${width}w`).join(", ");

export function largest(renditions) {
  return renditions.reduce((best, other) => (other.width > best.width ? other : best));
}

/** The frame's content: placeholder and picture. onBroken returns whether a new URL has been requested. */
export function fill(frame, image, { sizes, onBroken }) {
  const sources = byFormat(image.renditions);
  const [, fallback] = sources.pop();
  const { url, width, height } = largest(fallback);
  const img = element("img", { alt: altText(image.filename), width, height, decoding: "async" });
  img.addEventListener("load", () => frame.classList.add("loaded"));
  img.addEventListener("error", () => {
    if (!onBroken(image)) frame.replaceChildren(element("span", { className: "broken", textContent: "No picture" }));
  });
  const picture = element("picture", {}, ...sources.map(([format, renditions]) =>
    element("source", { type: `image/${format}`, srcset: srcset(renditions), sizes })), img);
  frame.classList.remove("loaded");
  frame.replaceChildren(...(image.placeholder ? [placeholder(image.placeholder)] : []), picture);
  Object.assign(img, { sizes, srcset: srcset(fallback), src: url });
}
