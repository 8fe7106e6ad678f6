// Bytes as text and back: UTF-8, Latin-1, hexadecimal, base64. Other scripts build on it.
(function (library) {
  "use strict";
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const CODES = new Map([...ALPHABET].map((letter, code) => [letter, code]).concat([["-", 62], ["_", 63]]));

  const utf8ToBytes = (text) => {
    const bytes = [];
    for (const letter of text) {
      let code = letter.codePointAt(0);
      if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
      else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
    return bytes;
  };

  // Lengths and least values of what a first byte starts; what does not fit becomes U+FFFD, or null if `strict`.
  const bytesToUtf8 = (bytes, strict) => {
    let text = "";
    for (let at = 0; at < bytes.length; at++) {
      const first = bytes[at];
      const more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : -1;
      let code = more < 1 ? first : first & (63 >> more);
      let seen = 0;
      while (seen < more && (bytes[at + seen + 1] & 0xc0) === 0x80) code = (code << 6) | (bytes[at + ++seen] & 63);
      const least = [0, 0x80, 0x800, 0x10000][more];
      if (more < 0 || seen < more || code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        if (strict) return null;
        text += "\ufffd";
      } else text += String.fromCodePoint(code);
      at += Math.max(seen, 0);
    }
    return text;
  };

  const latin1ToBytes = (text) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at) & 255);
  const bytesToLatin1 = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const hexToBytes = (text) => (text.match(/^([0-9a-f]{2})*/i)[0].match(/../g) || []).map((pair) => parseInt(pair, 16));
  const bytesToHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  const base64ToBytes = (text) => {
    const bytes = [];
    let held = 0;
    let bits = 0;
    for (const letter of text) {
      if (letter === "=") break;
      if (!CODES.has(letter)) continue;
      held = ((held << 6) | CODES.get(letter)) & 0xffff;
      bits += 6;
      if (bits >= 8) bytes.push((held >> (bits -= 8)) & 255);
    }
    return bytes;
  };
  const bytesToBase64 = (bytes) => {
    let text = "";
    for (let at = 0; at < bytes.length; at += 3) {
      const group = (bytes[at] << 16) | ((bytes[at + 1] || 0) << 8) | (bytes[at + 2] || 0);
      const letters = [18, 12, 6, 0].map((shift) => ALPHABET[(group >> shift) & 63]).join("");
      text += bytes.length - at > 2 ? letters : letters.slice(0, bytes.length - at + 1) + "=".repeat(2 - (bytes.length - at - 1));
    }
    return text;
  };
  const bytesToBase64Url = (bytes) => bytesToBase64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const DECODERS = { utf8: utf8ToBytes, "utf-8": utf8ToBytes, hex: hexToBytes, base64: base64ToBytes, base64url: base64ToBytes, latin1: latin1ToBytes, binary: latin1ToBytes, ascii: latin1ToBytes };
  const ENCODERS = { utf8: bytesToUtf8, "utf-8": bytesToUtf8, hex: bytesToHex, base64: bytesToBase64, base64url: bytesToBase64Url, latin1: bytesToLatin1, binary: bytesToLatin1, ascii: bytesToLatin1 };
  const choose = (table, encoding) => {
    const name = String(encoding === undefined ? "utf8" : encoding).toLowerCase();
    if (!Object.hasOwn(table, name)) throw new TypeError(`"${encoding}" encoding is not supported`);
    return table[name];
  };
  Object.assign(library, { DECODERS, ENCODERS, choose, utf8ToBytes, bytesToUtf8, latin1ToBytes, bytesToLatin1 });
})
