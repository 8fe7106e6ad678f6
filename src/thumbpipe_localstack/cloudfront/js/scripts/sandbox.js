// Runs first in each function's realm: takes away what CloudFront Functions do not have, and returns what runs a handler.
// It keeps its own copies of what it uses, so that a function that changes built-ins changes its own results only.
(function (options) {
  "use strict";
  const { parse, stringify } = JSON;
  const { defineProperty, getPrototypeOf, freeze, keys } = Object;
  const { isArray } = Array;
  const RealDate = Date;
  const asString = String;

  // No code is made of strings.
  const refuse = function () {
    throw new EvalError("Code generation from strings disallowed for this context");
  };
  refuse.prototype = Function.prototype;
  for (const kind of [function () {}, async function () {}, function* () {}, async function* () {}]) {
    defineProperty(getPrototypeOf(kind), "constructor", { value: refuse, writable: false, configurable: false });
  }
  globalThis.eval = refuse;
  globalThis.Function = refuse;

  // Neither fine clocks nor anything that goes on after the answer.
  for (const name of ["performance", "queueMicrotask", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry"]) {
    delete globalThis[name];
  }

  // The time is that of the function's start for as long as it runs.
  const started = options.now;
  const FixedDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length ? args : [started], newTarget),
    apply: () => asString(new RealDate(started)),
  });
  RealDate.now = () => started;
  defineProperty(RealDate.prototype, "constructor", { value: FixedDate });
  globalThis.Date = FixedDate;

  const logs = [];
  const show = (value, depth) => {
    if (typeof value === "string") return depth ? `'${value}'` : value;
    if (typeof value === "function") return `[Function: ${value.name || "anonymous"}]`;
    if (typeof value !== "object" || value === null) return asString(value);
    if (value instanceof Error || value instanceof RegExp || value instanceof RealDate) return asString(value);
    if (depth > 8) return "[...]";
    if (isArray(value)) return `[${value.map((item) => show(item, depth + 1)).join(",")}]`;
    return `{${keys(value).map((key) => `${key}:${show(value[key], depth + 1)}`).join(",")}}`;
  };
  globalThis.console = freeze({
    log: (...values) => {
      logs.push(values.map((value) => show(value, 0)).join(" "));
    },
  });

  const modules = {};
  const library = { runtime: options.runtime, modules };
  for (const install of options.scripts) install(library);
  globalThis.require = (name) => {
    if (name === "cloudfront") {
      throw new Error('the module "cloudfront" (key value stores, choice of origins) is not supported here');
    }
    if (!Object.hasOwn(modules, name)) throw new Error(`Cannot find module "${name}"`);
    return modules[name];
  };

  const describe = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : show(error, 0));
  let outcome = { error: "the handler has not finished: its promise is never settled" };
  const settle = (value) => {
    outcome = { value };
  };
  const fail = (error) => {
    outcome = { error: describe(error) };
  };
  const run = (handler, event) => {
    if (typeof handler !== "function") {
      outcome = { error: "ReferenceError: \"handler\" is not defined" };
      return;
    }
    try {
      const result = handler(parse(event));
      if (!(result instanceof Promise)) settle(result);
      else if (options.runtime === "cloudfront-js-1.0") outcome = { error: "the runtime cloudfront-js-1.0 takes no promise" };
      else result.then(settle, fail);
    } catch (error) {
      fail(error);
    }
  };
  const finish = () => {
    const text = logs.map(asString);
    try {
      return stringify({ ...outcome, logs: text });
    } catch (error) {
      return stringify({ error: describe(error), logs: text });
    }
  };
  return (handler, event) => (event === undefined ? finish() : run(handler, event));
})
