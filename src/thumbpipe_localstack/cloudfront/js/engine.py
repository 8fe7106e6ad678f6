"""Runs a function's code: each run in a new realm, with limits on time and memory.

As in CloudFront, no state outlasts a run; making a realm takes 0.1 ms. No Python object is exposed to it: JSON text
goes in and comes out.

Unlike CloudFront, `cloudfront-js-1.0` accepts newer syntax (`let`, classes), and `require` finds only modules whose
name occurs in the code. A loop within a built-in (`concat` over an array of 2**40 holes) is not interrupted as the
function's own loops are: it blocks that request's thread, but no other.
"""

import json
import re
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import quickjs

RUNTIMES: Final = ("cloudfront-js-1.0", "cloudfront-js-2.0")

# CloudFront's 2 MB for the function, and what a realm itself takes.
_MEMORY_BYTES: Final = 2 * 1024 * 1024 + 512 * 1024
# QuickJS counts the CPU time of the whole process, so this includes that of concurrent requests. CloudFront documents
# "sub-millisecond" only: it would have stopped the function long before.
_STOP_SECONDS: Final = 0.25
_BUDGET_SECONDS: Final = 0.01  # CPU time of the thread that counts as 100 % in `ComputeUtilization`
_LOG_BYTES: Final = 10 * 1024
_STACK_BYTES: Final = 256 * 1024  # also fits the stacks of threads on macOS
_SCRIPTS: Final = Path(__file__).parent / "scripts"
_WORDS: Final = re.compile(r"Buffer|crypto|querystring|bytesFrom|toBytes|fromBytes|toUTF8|fromUTF8")
_IMPORT: Final = re.compile(
    r"""^([ \t]*)import[ \t]+([A-Za-z_$][\w$]*)[ \t]+from[ \t]+(['"][\w./-]+['"])""", re.MULTILINE
)


class FunctionFailedError(Exception):
    """The function threw, ran too long, or could not run at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The result of a run.

    Attributes:
        value: What the handler returned, from JSON.
        error: Why the run failed, or None.
        logs: What the function logged, truncated after 10 KB.
        utilization: Share of the time that a function may take, in percent.
    """

    value: Any
    error: str | None
    logs: tuple[str, ...]
    utilization: int

    def require_value(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return what the handler returned.

        Raises:
            FunctionFailedError: The run failed.
        """
        if self.error is not None:
            raise FunctionFailedError(self.error)
        return self.value


@lru_cache(maxsize=8)
def _script(name: str) -> str:
    return (_SCRIPTS / f"{name}.js").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def prepare(code: bytes, runtime: str) -> tuple[str, str]:
    """Return the code as it is evaluated, and the scripts that it needs, as a JavaScript array.

    Each run parses its scripts again, so code gets only those whose names it mentions.

    Raises:
        UnicodeDecodeError: The code is not UTF-8.
    """
    text = code.decode()
    # A script, since QuickJS has no module loader here; line numbers in errors stay correct.
    script = _IMPORT.sub(r"\1const \2 = require(\3)", text)
    scripts = ",".join(_script(name) for name in _needed(set(_WORDS.findall(text)), runtime))
    return f'"use strict";{script}', f"[{scripts}]"


def _needed(words: set[str], runtime: str) -> list[str]:
    """Return the names of the scripts that the code needs, in order."""
    if not words:
        return []
    is_first = runtime == "cloudfront-js-1.0"
    names = ["bytes"]
    if not is_first and words & {"Buffer", "crypto"}:  # a hash's digest is a Buffer
        names.append("buffer")
    names += [name for name in ("crypto", "querystring") if name in words]
    return [*names, "bytestrings"] if is_first and words - {"crypto", "querystring"} else names


def execute(code: bytes, runtime: str, event: str) -> Run:
    """Call a function's handler with an event.

    Args:
        code: The function's source.
        runtime: One of `RUNTIMES`.
        event: The event, as JSON.
    """
    started = time.thread_time()
    try:
        outcome = _run(code, runtime, event)
    except (quickjs.JSException, ValueError, MemoryError, RecursionError) as error:
        outcome = {"error": _first_line(error)}
    used = time.thread_time() - started
    return Run(
        value=outcome.get("value"),
        error=outcome.get("error"),
        logs=_cut(outcome.get("logs", [])),
        utilization=max(1, min(100, round(100 * used / _BUDGET_SECONDS))),
    )


def _run(code: bytes, runtime: str, event: str) -> dict[str, Any]:
    script, scripts = prepare(code, runtime)
    context = quickjs.Context()
    context.set_memory_limit(_MEMORY_BYTES)
    context.set_max_stack_size(_STACK_BYTES)
    context.set_time_limit(_STOP_SECONDS)
    options = f"{{now:{int(time.time() * 1000)},runtime:{json.dumps(runtime)},scripts:{scripts}}}"
    sandbox = context.eval(f"{_script('sandbox')}({options})")
    try:
        context.eval(script)
        handler = context.eval("typeof handler === 'function' ? handler : undefined")
        sandbox(handler, event)
        _settle(context)
        failure = None
    except quickjs.JSException as error:
        failure = _first_line(error)
    outcome: dict[str, Any] = json.loads(sandbox(None))
    return outcome if failure is None else {**outcome, "error": failure}


def _settle(context: quickjs.Context) -> None:
    """Run pending promise jobs."""
    deadline = time.monotonic() + _STOP_SECONDS
    while context.execute_pending_job():
        if time.monotonic() > deadline:
            message = "InternalError: interrupted"
            raise quickjs.JSException(message)


def _first_line(error: BaseException) -> str:
    line = str(error).partition("\n")[0]
    if "interrupted" in line:
        return "the function exceeded its time limit"
    return "the function exceeded its memory limit" if line in ("null", "") or "out of memory" in line else line


def _cut(logs: list[str]) -> tuple[str, ...]:
    """Truncate logs after 10 KB, as CloudFront does."""
    kept: list[str] = []
    left = _LOG_BYTES
    for line in logs:
        data = line.encode("utf-8", "replace")[:left]
        left -= len(data)
        kept.append(data.decode("utf-8", "ignore"))
        if left <= 0:
            break
    return tuple(kept)
