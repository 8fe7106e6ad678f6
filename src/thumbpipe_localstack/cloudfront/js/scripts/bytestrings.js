// What cloudfront-js-1.0 has in place of Buffer.
(function (library) {
  "use strict";
  const { DECODERS, choose, utf8ToBytes, bytesToUtf8, latin1ToBytes, bytesToLatin1 } = library;

  // Byte strings, which this runtime has in place of Buffer: one character of 0 to 255 for each byte.
  const define = (holder, name, value) => Object.defineProperty(holder, name, { value, writable: true, configurable: true });
  define(String, "bytesFrom", (source, encoding) =>
    bytesToLatin1(typeof source === "string" ? choose(DECODERS, encoding)(source) : source));
  define(String.prototype, "toBytes", function (start, end) {
    return /[^\u0000-\u00ff]/.test(this) ? null : this.slice(start, end);
  });
  define(String.prototype, "fromBytes", function (start, end) {
    return this.slice(start, end);
  });
  define(String.prototype, "toUTF8", function (start, end) {
    return bytesToLatin1(utf8ToBytes(this.slice(start, end)));
  });
  define(String.prototype, "fromUTF8", function (start, end) {
    return bytesToUtf8(latin1ToBytes(this.slice(start, end)), true);
  });
})
