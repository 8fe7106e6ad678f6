"""The sandbox of CloudFront Functions: its limits, what it keeps a function from, its language and its modules."""

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbpipe_localstack.cloudfront.js.engine import RUNTIMES, Run, execute, prepare
from thumbpipe_localstack.cloudfront.js.syntax import find_syntax_error

FIRST: Final = RUNTIMES[0]
SECOND: Final = RUNTIMES[1]


def call(body: str, runtime: str = SECOND, top: str = "") -> Run:
    return execute(f"{top}\nfunction handler(event) {{ {body} }}".encode(), runtime, "{}")


# Limits and isolation.


@pytest.mark.parametrize(
    "body",
    [
        "while (true) {}",
        "for (;;) { try { while (true) {} } catch (e) {} }",
        "/(a+)+b/.test('a'.repeat(50))",
        "const spin = async () => { while (true) await null; }; return spin()",
    ],
)
def test_an_endless_function_is_stopped(body: str) -> None:
    started = time.monotonic()

    run = call(body)

    assert run.error == "the function exceeded its time limit"
    assert run.utilization == 100
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("top", ["throw new Error('it ran')", "handler({})"])
def test_code_is_parsed_without_being_run(top: str, runtime: str) -> None:
    code = f"{top}\nfunction handler(event) {{ return event.request.uri }}".encode()

    assert find_syntax_error(code, runtime) is None
    assert execute(code, runtime, "{}").error, "it does fail when it is run"


@pytest.mark.parametrize(
    "body",
    [
        "const all = []; for (;;) all.push('x'.repeat(1000) + all.length)",
        "let text = 'x'; for (;;) text += text + text.length",
        "return new Uint8Array(4_000_000).length",
        "return Array.from({ length: 1_000_000 }, (_, at) => ({ at }))",
        "const again = () => Promise.resolve().then(again); return again()",
    ],
)
def test_a_function_has_2_mb_of_memory(body: str) -> None:
    run = call(body)

    assert run.value is None
    assert run.error


def test_a_functions_code_is_prepared_once_for_all_requests() -> None:
    code = f"function handler(event) {{ return {json.dumps('x' * 100)} }}".encode()
    before = prepare.cache_info()

    assert [execute(code, SECOND, "{}").value for _ in range(5)] == ["x" * 100] * 5

    after = prepare.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 4)


def test_a_function_may_use_most_of_its_2_mb() -> None:
    assert call("return new Uint8Array(1_800_000).length").value == 1_800_000


@pytest.mark.parametrize(
    "body",
    [
        "return eval('1')",
        "return (0, eval)('1')",
        "return new Function('return 1')()",
        "return (function () {}).constructor('return 1')()",
        "return (async () => {}).constructor('return 1')()",
        "return (function* () {}).constructor('yield 1')().next()",
        "return Reflect.construct(Object.getPrototypeOf(async function* () {}).constructor, ['yield 1'])",
    ],
)
def test_no_code_is_made_of_strings(body: str) -> None:
    assert call(body).error == "EvalError: Code generation from strings disallowed for this context"


def test_there_are_no_timers_no_network_and_no_host() -> None:
    names = ["setTimeout", "setInterval", "setImmediate", "clearTimeout", "queueMicrotask", "fetch", "XMLHttpRequest"]
    names += ["WebSocket", "process", "performance", "std", "os", "print", "load", "SharedArrayBuffer", "Atomics"]
    names += ["WebAssembly", "globalThis.Python", "require.main", "__dirname", "module", "exports"]

    run = call(f"return [{', '.join(f'typeof {name}' for name in names)}]")

    assert run.value == ["undefined"] * len(names)


def test_no_file_is_a_module(tmp_path: Path) -> None:
    script = tmp_path / "script.js"
    script.write_text("export const secret = 42;")

    for body in (f"return import({str(script)!r}).then((m) => m.secret)", "return require('fs')"):
        assert call(body).value is None
        assert call(body).error
    assert execute(f"import x from {str(script)!r};\nfunction handler() {{ return x; }}".encode(), SECOND, "{}").error


def test_nothing_of_a_run_is_left_for_the_next_one() -> None:
    code = (
        "let count = 0; function handler() { count++; globalThis.seen = (globalThis.seen || 0) + 1; "
        "const polluted = [].polluted; Array.prototype.polluted = true; "
        "return [count, globalThis.seen, polluted === undefined]; }"
    )

    for _ in range(3):
        assert execute(code.encode(), SECOND, "{}").value == [1, 1, True]


def test_a_function_that_changes_built_ins_affects_only_its_own_run() -> None:
    spoiled = "JSON.parse = JSON.stringify = Object.keys = Array.isArray = null; String.prototype.slice = null"

    assert call("return { a: [1] }", top=spoiled).value == {"a": [1]}
    assert call("return JSON.parse('[1]')").value == [1]


def test_the_clock_is_fixed_while_a_function_runs() -> None:
    run = call(
        "const first = Date.now(); for (let n = 0; n < 200000; n++); "
        "return [first === Date.now(), new Date().getTime() === first, "
        "new (new Date().constructor)().getTime() === first, "
        "new Date(0).toISOString(), new Date() instanceof Date, first]"
    )

    assert run.value[:5] == [True, True, True, "1970-01-01T00:00:00.000Z", True]
    assert abs(run.value[5] / 1000 - time.time()) < 60


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_garbage_for_code_fails_as_a_function_fails(code: bytes) -> None:
    run = execute(code, SECOND, "{}")

    assert run.error


# Language and modules.


def test_handlers_may_be_async_in_the_second_runtime_only() -> None:
    code = b"async function handler(event) { await null; return { waited: await Promise.resolve(true) }; }"

    assert execute(code, SECOND, "{}").value == {"waited": True}
    assert execute(code, FIRST, "{}").error


def test_functions_run_in_strict_mode() -> None:
    assert call("return this === undefined").value is True


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 119, 120, 1000])
def test_hashes_match_the_standard_algorithms(algorithm: str, size: int) -> None:
    text = "é" * size
    key = "k" * size
    body = (
        f"const text = 'é'.repeat({size}); return [crypto.createHash('{algorithm}').update(text).digest('hex'), "
        f"crypto.createHmac('{algorithm}', 'k'.repeat({size})).update(text).update('!').digest('base64')]"
    )

    run = call(body, top="import crypto from 'crypto';")

    assert run.value == [
        hashlib.new(algorithm, text.encode()).hexdigest(),
        base64.b64encode(hmac.digest(key.encode(), f"{text}!".encode(), algorithm)).decode(),
    ]


def test_a_hash_is_a_buffer_in_the_second_runtime_and_a_byte_string_in_the_first() -> None:
    body = "const d = require('crypto').createHash('sha1').update('a').digest(); return [typeof d, d.length]"

    assert call(body, SECOND).value == ["object", 20]
    assert call(body, FIRST).value == ["string", 20]
    assert call("return require('crypto').createHash('sha512')").error == 'TypeError: not supported algorithm: "sha512"'


def test_a_digest_can_be_computed_only_once() -> None:
    body = "const h = require('crypto').createHash('md5'); h.digest(); return h.update('a')"

    assert call(body).error == "Error: Digest already called"


@given(st.binary(max_size=60))
def test_buffers_read_and_write_every_encoding(data: bytes) -> None:
    body = (
        f"const b = Buffer.from('{data.hex()}', 'hex'); "
        "return ['hex', 'base64', 'base64url', 'latin1']"
        ".map((e) => [b.toString(e), Buffer.from(b.toString(e), e).equals(b)])"
    )

    run = call(body)

    assert run.value == [
        [data.hex(), True],
        [base64.b64encode(data).decode(), True],
        [base64.urlsafe_b64encode(data).decode().rstrip("="), True],
        [data.decode("latin-1"), True],
    ]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_buffers_know_utf_8(text: str) -> None:
    run = call(f"const b = Buffer.from({json.dumps(text)}); return [b.toString('hex'), b.toString()]")

    assert run.value == [text.encode().hex(), text]


def test_buffers_have_what_cloudfront_documents() -> None:
    run = call(
        "const b = Buffer.alloc(8); b.writeUInt16BE(258, 1); b.writeInt32LE(-2, 4); "
        "const c = Buffer.concat([Buffer.from('ab'), Buffer.from([99])]); "
        "return [[...b], b.readUInt16LE(1), b.readInt32LE(4), c.toString(), c.indexOf('c'), "
        "c.includes('bc'), c.slice(1).toString(), Buffer.isBuffer(c), Buffer.byteLength('é'), JSON.stringify(c), "
        "Buffer.alloc(3, 'xy').toString(), Buffer.compare(c, b), Buffer.from([255]).toString()]"
    )

    assert run.value == [
        [0, 1, 2, 0, 254, 255, 255, 255],
        513,
        -2,
        "abc",
        2,
        True,
        "bc",
        True,
        2,
        '{"type":"Buffer","data":[97,98,99]}',
        "xyx",
        1,
        "\ufffd",
    ]


def test_query_strings_are_parsed_and_written() -> None:
    run = call(
        "const q = require('querystring'); return [q.parse('name=value&abc=xyz&abc=123&n&p=%C3%A9+x&bad=%zz'), "
        "q.stringify({ name: 'v é', abc: ['x', 1], anotherName: '' }), "
        "q.decode('a:1;b:2', ';', ':'), q.unescape('%41%4')]"
    )

    assert run.value == [
        {"name": "value", "abc": ["xyz", "123"], "n": "", "p": "é x", "bad": "%zz"},
        "name=v%20%C3%A9&abc=x&abc=1&anotherName=",
        {"a": "1", "b": "2"},
        "A%4",
    ]


def test_the_first_runtime_has_byte_strings_but_no_buffer() -> None:
    body = (
        "return ['é'.toUTF8().length, 'Ã©'.fromUTF8(), String.bytesFrom('aGk', 'base64'), '€'.toBytes(), typeof Buffer]"
    )

    assert call(body, FIRST).value == [2, "é", "hi", None, "undefined"]


def test_logs_are_truncated_after_10_kb() -> None:
    run = call("for (let n = 0; n < 20; n++) console.log('x'.repeat(1000)); return 1")

    assert sum(map(len, run.logs)) == 10_240
    assert run.value == 1


def test_logs_before_a_failure_are_kept() -> None:
    run = call("console.log('before'); throw new Error('after')")

    assert (run.logs, run.error) == (("before",), "Error: after")
