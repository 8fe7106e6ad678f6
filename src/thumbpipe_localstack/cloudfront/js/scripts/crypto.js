// The module crypto: hashes and HMAC by MD5, SHA-1 and SHA-256, which are all that CloudFront has.
(function (library) {
  "use strict";
  const { DECODERS, ENCODERS, choose, bytesToLatin1 } = library;

  const rotate = (word, by) => (word << by) | (word >>> (32 - by));
  const PRIMES = [];
  for (let number = 2; PRIMES.length < 64; number++) if (PRIMES.every((prime) => number % prime)) PRIMES.push(number);
  const fraction = (value) => ((value - Math.floor(value)) * 2 ** 32) | 0;

  // The blocks of a message: 16 words each, with the padding and the length that all three algorithms share.
  const toBlocks = (bytes, littleEndian) => {
    const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) * 64);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - (littleEndian ? 8 : 4), bytes.length << 3, littleEndian);
    view.setUint32(padded.length - (littleEndian ? 4 : 8), bytes.length >>> 29, littleEndian);
    const blocks = [];
    for (let at = 0; at < padded.length; at += 64) {
      blocks.push(Array.from({ length: 16 }, (_, word) => view.getInt32(at + word * 4, littleEndian)));
    }
    return blocks;
  };
  const digestOf = (words, littleEndian) => {
    const view = new DataView(new ArrayBuffer(words.length * 4));
    words.forEach((word, at) => view.setInt32(at * 4, word, littleEndian));
    return new Uint8Array(view.buffer);
  };
  const SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
  const md5 = (bytes) => {
    let state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
    for (const block of toBlocks(bytes, true)) {
      let [a, b, c, d] = state;
      for (let at = 0; at < 64; at++) {
        const round = at >> 4;
        const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round];
        const word = block[[at, 5 * at + 1, 3 * at + 5, 7 * at][round] & 15];
        const constant = Math.floor(Math.abs(Math.sin(at + 1)) * 2 ** 32) | 0;
        const sum = (a + mixed + constant + word) | 0;
        [a, d, c, b] = [d, c, b, (b + rotate(sum, SHIFTS[round][at & 3])) | 0];
      }
      state = [a, b, c, d].map((word, at) => (word + state[at]) | 0);
    }
    return digestOf(state, true);
  };
  const sha1 = (bytes) => {
    let state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];
    for (const words of toBlocks(bytes, false)) {
      for (let at = 16; at < 80; at++) words.push(rotate(words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16], 1));
      let [a, b, c, d, e] = state;
      for (let at = 0; at < 80; at++) {
        const round = Math.floor(at / 20);
        const mixed = [(b & c) | (~b & d), b ^ c ^ d, (b & c) | (b & d) | (c & d), b ^ c ^ d][round];
        const constant = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][round];
        [e, d, c, b, a] = [d, c, rotate(b, 30), a, (rotate(a, 5) + mixed + e + constant + words[at]) | 0];
      }
      state = [a, b, c, d, e].map((word, at) => (word + state[at]) | 0);
    }
    return digestOf(state, false);
  };
  const sha256 = (bytes) => {
    let state = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
    const constants = PRIMES.map((prime) => fraction(Math.cbrt(prime)));
    for (const words of toBlocks(bytes, false)) {
      for (let at = 16; at < 64; at++) {
        const [early, late] = [words[at - 15], words[at - 2]];
        const first = rotate(early, 25) ^ rotate(early, 14) ^ (early >>> 3);
        const second = rotate(late, 15) ^ rotate(late, 13) ^ (late >>> 10);
        words.push((words[at - 16] + first + words[at - 7] + second) | 0);
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let at = 0; at < 64; at++) {
        const chosen = (h + (rotate(e, 26) ^ rotate(e, 21) ^ rotate(e, 7)) + ((e & f) ^ (~e & g)) + constants[at] + words[at]) | 0;
        const major = ((rotate(a, 30) ^ rotate(a, 19) ^ rotate(a, 10)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + chosen) | 0, c, b, a, (chosen + major) | 0];
      }
      state = [a, b, c, d, e, f, g, h].map((word, at) => (word + state[at]) | 0);
    }
    return digestOf(state, false);
  };

  const ALGORITHMS = { md5, sha1, sha256 };
  const findAlgorithm = (name) => {
    if (!Object.hasOwn(ALGORITHMS, name)) throw new TypeError(`not supported algorithm: "${name}"`);
    return ALGORITHMS[name];
  };
  const toBytes = (data, encoding) => {
    if (typeof data === "string") return choose(DECODERS, encoding)(data);
    if (data instanceof Uint8Array || data instanceof ArrayBuffer) return Array.from(new Uint8Array(data));
    throw new TypeError("data is not a string or a buffer");
  };
  class Digest {
    #bytes = [];
    #finish;
    constructor(finish) {
      this.#finish = finish;
    }
    update(data, encoding) {
      if (this.#finish === null) throw new Error("Digest already called");
      this.#bytes = this.#bytes.concat(toBytes(data, encoding));
      return this;
    }
    digest(encoding) {
      if (this.#finish === null) throw new Error("Digest already called");
      const result = this.#finish(this.#bytes);
      this.#finish = null;
      if (encoding !== undefined) return choose(ENCODERS, encoding)(result);
      return library.runtime === "cloudfront-js-1.0" ? bytesToLatin1(result) : Buffer.from(result);
    }
  }
  library.modules.crypto = {
    createHash: (name) => new Digest(findAlgorithm(name)),
    createHmac: (name, key) => {
      const algorithm = findAlgorithm(name);
      const given = toBytes(key);
      const padded = new Uint8Array(64);
      padded.set(given.length > 64 ? algorithm(given) : given);
      const inner = Array.from(padded, (byte) => byte ^ 0x36);
      const outer = Array.from(padded, (byte) => byte ^ 0x5c);
      return new Digest((bytes) => algorithm(outer.concat(Array.from(algorithm(inner.concat(bytes))))));
    },
  };
})
