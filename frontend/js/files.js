// File names and content types.

const TYPES = {
  jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", gif: "image/gif",
  tif: "image/tiff", tiff: "image/tiff", bmp: "image/bmp", avif: "image/avif",
  heic: "image/heic", heif: "image/heif",
};
const ALIASES = { "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-ms-bmp": "image/bmp" };

/** A file's properties for the API. Most browsers have no type for HEIC: it is derived from the file's name. */
export function describe(file) {
  const extension = file.name.split(".").pop().toLowerCase();
  const type = ALIASES[file.type] ?? file.type;
  return {
    filename: file.name,
    content_type: type || TYPES[extension] || "application/octet-stream",
    size_bytes: file.size,
  };
}

/** "mountain-lake_2.jpg" → "mountain lake 2" */
export function altText(filename) {
  return filename.replace(/\.[^.]+$/, "").replace(/[-_]+/g, " ").trim() || filename;
}

/** "mountain-lake.jpg", 640, "webp" → "mountain-lake-640.webp" */
export function renditionName(filename, { width, format }) {
  return `${filename.replace(/\.[^.]+$/, "")}-${width}.${format === "jpeg" ? "jpg" : format}`;
}
