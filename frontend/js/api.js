// The only module that makes requests.

import { PageError, fromProblem, fromS3, unreachable } from "./errors.js";

const TIMEOUT_MS = 20_000;

async function request(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw unreachable("The API", cause);
  }
  if (!response.ok) throw await fromProblem(response);
  return response.status === 204 ? null : response.json();
}

/** The API's base URL from config.json, next to index.html; by default the page's own origin. */
async function findApi() {
  try {
    const { apiUrl } = await request(new URL("config.json", document.baseURI), { cache: "no-cache" });
    return new URL(`${apiUrl.replace(/\/+$/, "")}/api/`, document.baseURI);
  } catch (cause) {
    throw new PageError("The page cannot read config.json, which contains the API's address.", { cause });
  }
}

/** A file's URL with the API's host name: the distribution may have several names. */
function beside(base, address) {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) return address;
  const { pathname, search } = new URL(address);
  return Object.assign(new URL(base.origin), { pathname, search }).href;
}

export class Api {
  #base = null;

  async #call(path, options) {
    this.#base ??= await findApi();
    return request(new URL(path, this.#base), options);
  }

  #found(image) {
    const renditions = image.renditions.map((one) => ({ ...one, url: beside(this.#base, one.url) }));
    return { ...image, renditions, original_url: beside(this.#base, image.original_url) };
  }

  async list(limit, cursor = null) {
    const query = new URLSearchParams({ limit, ...(cursor && { cursor }) });
    const page = await this.#call(`images?${query}`);
    return { ...page, items: page.items.map((image) => this.#found(image)) };
  }

  async get(id) {
    return this.#found(await this.#call(`images/${encodeURIComponent(id)}`));
  }

  remove(id) {
    return this.#call(`images/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  /** Request a presigned upload for a photo's filename, content_type and size_bytes. */
  promise(photo) {
    const headers = { "Content-Type": "application/json" };
    return this.#call("uploads", { method: "POST", headers, body: JSON.stringify(photo) });
  }
}

/** Send a file to S3; XMLHttpRequest, since fetch does not report upload progress. */
export function send({ url, fields }, file, { onProgress, signal }) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file); // Last: S3 ignores fields after the file.
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    xhr.onload = () => (xhr.status < 300 ? resolve() : reject(fromS3(xhr.status, xhr.responseText)));
    xhr.onerror = () => reject(unreachable("The storage"));
    xhr.onabort = () => reject(new PageError("Cancelled."));
    signal.addEventListener("abort", () => xhr.abort(), { once: true });
    xhr.open("POST", url);
    xhr.send(form);
  });
}
