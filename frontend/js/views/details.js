// A photo's properties, and links to its files.

import { renditionName } from "../files.js";
import { bytes, dimensions, when } from "../format.js";
import { element, hook } from "./dom.js";

function facts({ state, width, height, format, frames, size_bytes: size, created_at: created }) {
  return [
    state === "ready" && ["Size", dimensions({ width, height })],
    format && ["Format", frames > 1 ? `${format.toUpperCase()}, ${frames} frames` : format.toUpperCase()],
    size != null && ["Original", bytes(size)],
    ["Uploaded", when(created)],
  ].filter(Boolean);
}

/** Only a web address becomes a link: javascript: would run in this page. */
const isWeb = (url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

const link = (href, download, text, note) =>
  element("li", {}, isWeb(href) ? element("a", { href, download, textContent: text }) : text, ` ${note}`);

/** Fill the dialog's list of facts and list of downloads. */
export function details(dialog, image) {
  const { filename, original_url: original, renditions, size_bytes: size } = image;
  hook("facts", dialog).replaceChildren(...facts(image).map(([name, value]) =>
    element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: value }))));
  const links = renditions.map((rendition) => link(
    rendition.url,
    renditionName(filename, rendition),
    `${rendition.format.toUpperCase()} ${dimensions(rendition)}`,
    bytes(rendition.bytes),
  ));
  if (original) links.unshift(link(original, filename, "Original", size == null ? "" : bytes(size)));
  hook("downloads", dialog).replaceChildren(...links);
}
