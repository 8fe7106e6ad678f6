// The module querystring.
(function (library) {
  "use strict";
  const { utf8ToBytes, bytesToUtf8 } = library;

  const unescape = (text) => bytesToUtf8(utf8ToBytes(text).reduce((bytes, byte) => {
    const last = bytes.length - 2;
    if (last >= 0 && bytes[last] === -37) {
      const pair = String.fromCharCode(bytes[last + 1], byte);
      bytes.splice(last, 2, ...(/^[0-9a-f]{2}$/i.test(pair) ? [parseInt(pair, 16)] : [37, bytes[last + 1], byte]));
    } else bytes.push(byte === 37 ? -37 : byte);
    return bytes;
  }, []).map(Math.abs));
  const escape = (text) => encodeURIComponent(text);
  const querystring = {
    escape,
    unescape,
    parse: (text, separator = "&", equal = "=", options = {}) => {
      const decode = options.decodeURIComponent || unescape;
      const most = options.maxKeys === undefined ? 1000 : options.maxKeys;
      const found = {};
      const pairs = text.split(separator).filter((pair) => pair !== "");
      for (const pair of most > 0 ? pairs.slice(0, most) : pairs) {
        const at = pair.indexOf(equal);
        const name = decode((at < 0 ? pair : pair.slice(0, at)).replace(/\+/g, " "));
        const value = at < 0 ? "" : decode(pair.slice(at + equal.length).replace(/\+/g, " "));
        found[name] = Object.hasOwn(found, name) ? [].concat(found[name], value) : value;
      }
      return found;
    },
    stringify: (object, separator = "&", equal = "=", options = {}) => {
      const encode = options.encodeURIComponent || escape;
      const show = (value) => (["string", "number", "boolean", "bigint"].includes(typeof value) ? encode(String(value)) : "");
      return Object.keys(object || {})
        .flatMap((name) => [].concat(object[name]).map((value) => `${encode(name)}${equal}${show(value)}`))
        .join(separator);
    },
  };
  querystring.decode = querystring.parse;
  querystring.encode = querystring.stringify;
  library.modules.querystring = querystring;
})
