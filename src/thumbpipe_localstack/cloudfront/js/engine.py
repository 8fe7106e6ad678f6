"""One run of a function's code: a fresh realm for each, with limits on time and memory.

CloudFront keeps nothing of a run for the next one, so nothing is kept here: making a realm takes a tenth of a
millisecond. Nothing of Python is ever handed to it, only JSON text goes in and comes out.

What differs from AWS: `cloudfront-js-1.0` takes newer syntax, too (`let`, classes), and a `require` of a module whose
name the code nowhere spells out finds nothing. A loop of a built-in's own (`concat` over an array of 2**40 holes) is
not interrupted as the function's loops are: that request's thread is lost to it, the engine goes on.
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

# CloudFront's 2 MB for the function, and what the realm itself takes.
_MEMORY_BYTES: Final = 2 * 1024 * 1024 + 512 * 1024
# QuickJS counts the CPU time of the whole process, so it must bear what other requests do meanwhile. CloudFront tells
# no number but "sub-millisecond": what is stopped here would long have been stopped there.
_STOP_SECONDS: Final = 0.25
_BUDGET_SECONDS: Final = 0.01  # of the thread's own CPU time, which counts as 100 % in `ComputeUtilization`
_LOG_BYTES: Final = 10 * 1024
_STACK_BYTES: Final = 256 * 1024  # fits the threads of macOS, too
_SCRIPTS: Final = Path(__file__).parent / "scripts"
_WORDS: Final = re.compile(r"Buffer|crypto|querystring|bytesFrom|toBytes|fromBytes|toUTF8|fromUTF8")
_IMPORT: Final = re.compile(
    r"""^([ \t]*)import[ \t]+([A-Za-z_$][\w$]*)[ \t]+from[ \t]+(['"][\w./-]+['"])""", re.MULTILINE
)


class FunctionFailedError(Exception):
    """The function threw, ran too long, or could not run at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What came of a run.

    Attributes:
        value: What the handler returned, as JSON has it.
        error: Why there is no value, or None.
        logs: What the function logged, cut after 10 KB.
        utilization: Of the time that a function may take, in percent.
    """

    value: Any
    error: str | None
    logs: tuple[str, ...]
    utilization: int

    def require_value(self) -> Any:  # noqa: ANN401 - whatever JSON may hold
        """Return what the handler returned.

        Raises:
            FunctionFailedError: It returned nothing, for the reason that the error says.
        """
        if self.error is not None:
            raise FunctionFailedError(self.error)
        return self.value


@lru_cache(maxsize=8)
def _script(name: str) -> str:
    return (_SCRIPTS / f"{name}.js").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def prepare(code: bytes, runtime: str) -> tuple[str, str]:
    """Return the code as it is evaluated, and the scripts that it needs, as a list in JavaScript.

    A script is parsed anew for each run, so none is given to code that does not so much as mention what it provides.

    Raises:
        UnicodeDecodeError: It is no UTF-8.
    """
    text = code.decode()
    # A script, since QuickJS is given no loader of modules; in the same lines, for the errors' sake.
    script = _IMPORT.sub(r"\1const \2 = require(\3)", text)
    scripts = ",".join(_script(name) for name in _needed(set(_WORDS.findall(text)), runtime))
    return f'"use strict";{script}', f"[{scripts}]"


def _needed(words: set[str], runtime: str) -> list[str]:
    """Return the names of the scripts that provide what the code mentions, in their order."""
    if not words:
        return []
    is_first = runtime == "cloudfront-js-1.0"
    names = ["bytes"]
    if not is_first and words & {"Buffer", "crypto"}:  # what a hash returns is a buffer
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
    """Run what promises wait for."""
    deadline = time.monotonic() + _STOP_SECONDS
    while context.execute_pending_job():
        if time.monotonic() > deadline:
            message = "InternalError: interrupted"
            raise quickjs.JSException(message)


def _first_line(error: BaseException) -> str:
    line = str(error).partition("\n")[0]
    if "interrupted" in line:
        return "the function took longer than it may"
    return "the function used more memory than it may" if line in ("null", "") or "out of memory" in line else line


def _cut(logs: list[str]) -> tuple[str, ...]:
    """Cut logs after 10 KB, as CloudFront does."""
    kept: list[str] = []
    left = _LOG_BYTES
    for line in logs:
        data = line.encode("utf-8", "replace")[:left]
        left -= len(data)
        kept.append(data.decode("utf-8", "ignore"))
        if left <= 0:
            break
    return tuple(kept)
