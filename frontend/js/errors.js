// Errors, as messages for the user.

export class PageError extends Error {
  constructor(message, { status = null, expired = false, cause = undefined } = {}) {
    super(message, { cause });
    this.status = status;
    this.expired = expired;
  }
}

export function unreachable(what, cause) {
  return new PageError(`${what} does not answer. Check that it is running and that you are online.`, { cause });
}

/** The API's own message: the detail of an RFC 9457 problem document. */
export async function fromProblem(response) {
  const problem = await response.json().catch(() => ({}));
  const message = problem.detail || problem.title || `The API answered with status ${response.status}.`;
  return new PageError(message, { status: response.status });
}

const S3_SENTENCES = {
  EntityTooLarge: "The photo is larger than allowed.",
  EntityTooSmall: "The photo is empty.",
};

/** S3 answers a refused upload with XML: <Error><Code>…</Code><Message>…</Message></Error>. */
export function fromS3(status, text) {
  const xml = new DOMParser().parseFromString(text, "application/xml");
  const code = xml.querySelector("Code")?.textContent ?? "";
  const message = xml.querySelector("Message")?.textContent ?? "";
  return new PageError(
    S3_SENTENCES[code] ?? `S3 rejected the photo: ${message || code || `status ${status}`}`,
    { status, expired: status === 403 && /expired/i.test(message) },
  );
}
