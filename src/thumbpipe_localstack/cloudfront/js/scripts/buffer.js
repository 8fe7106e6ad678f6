// Buffer, as far as CloudFront documents it for cloudfront-js-2.0.
(function (library) {
  "use strict";
  const { DECODERS, ENCODERS, choose } = library;

  class Buffer extends Uint8Array {
    static from(value, encoding, length) {
      if (typeof value === "string") return new Buffer(choose(DECODERS, encoding)(value));
      if (value instanceof ArrayBuffer) return new Buffer(value, encoding, length);
      if (value && value.type === "Buffer" && Array.isArray(value.data)) return new Buffer(value.data);
      if (value && typeof value === "object") return new Buffer(Array.from(value));
      throw new TypeError("first argument is not a string, a buffer or an array");
    }
    static alloc(size, fill, encoding) {
      return fill === undefined ? new Buffer(size) : new Buffer(size).fill(fill, 0, size, encoding);
    }
    static allocUnsafe(size) {
      return new Buffer(size);
    }
    static byteLength(value, encoding) {
      return typeof value === "string" ? choose(DECODERS, encoding)(value).length : value.byteLength;
    }
    static compare(one, other) {
      for (let at = 0; at < Math.min(one.length, other.length); at++) {
        if (one[at] !== other[at]) return one[at] < other[at] ? -1 : 1;
      }
      return Math.sign(one.length - other.length);
    }
    static concat(list, size) {
      const all = new Buffer(size === undefined ? list.reduce((sum, each) => sum + each.length, 0) : size);
      let at = 0;
      for (const each of list) {
        all.set(each.subarray(0, Math.max(all.length - at, 0)), at);
        at = Math.min(at + each.length, all.length);
      }
      return all;
    }
    static isBuffer(value) {
      return value instanceof Buffer;
    }
    static isEncoding(name) {
      return Object.hasOwn(DECODERS, String(name).toLowerCase());
    }
    compare(other) {
      return Buffer.compare(this, other);
    }
    copy(target, at = 0, start = 0, end = this.length) {
      const part = this.subarray(start, Math.min(end, start + target.length - at));
      target.set(part, at);
      return part.length;
    }
    equals(other) {
      return Buffer.compare(this, other) === 0;
    }
    fill(value, start = 0, end = this.length, encoding = undefined) {
      if (typeof value === "number") return super.fill(value, start, end);
      const bytes = typeof value === "string" ? choose(DECODERS, encoding)(value) : value;
      for (let at = start; at < end; at++) this[at] = bytes.length ? bytes[(at - start) % bytes.length] : 0;
      return this;
    }
    indexOf(value, from = 0, encoding = undefined) {
      if (typeof value === "number") return super.indexOf(value, from);
      const bytes = Buffer.from(value, encoding);
      for (let at = from; at <= this.length - bytes.length; at++) {
        if (bytes.every((byte, offset) => this[at + offset] === byte)) return at;
      }
      return -1;
    }
    includes(value, from, encoding) {
      return this.indexOf(value, from, encoding) >= 0;
    }
    slice(start, end) {
      return this.subarray(start, end);
    }
    toJSON() {
      return { type: "Buffer", data: Array.from(this) };
    }
    toString(encoding, start = 0, end = this.length) {
      return choose(ENCODERS, encoding)(this.subarray(start, end));
    }
    write(text, at = 0, length = this.length - at, encoding = undefined) {
      const bytes = choose(DECODERS, encoding)(text).slice(0, Math.min(length, this.length - at));
      this.set(bytes, at);
      return bytes.length;
    }
  }
  const NUMBERS = [["UInt8", "Uint8", 1], ["Int8", "Int8", 1], ["UInt16", "Uint16", 2], ["Int16", "Int16", 2], ["UInt32", "Uint32", 4], ["Int32", "Int32", 4], ["Float", "Float32", 4], ["Double", "Float64", 8]];
  for (const [name, method, size] of NUMBERS) {
    for (const order of size === 1 ? [""] : ["BE", "LE"]) {
      const view = (buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
      Buffer.prototype[`read${name}${order}`] = function (at = 0) {
        return view(this)[`get${method}`](at, order === "LE");
      };
      Buffer.prototype[`write${name}${order}`] = function (value, at = 0) {
        view(this)[`set${method}`](at, value, order === "LE");
        return at + size;
      };
    }
  }
  globalThis.Buffer = Buffer;
  library.modules.buffer = { Buffer };
})
