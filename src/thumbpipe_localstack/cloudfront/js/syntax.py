"""Syntax check of a function's code, made when it is saved."""

from typing import Final

import quickjs

from thumbpipe_localstack.cloudfront.js.engine import prepare

_NOTHING: Final = "thumbpipe: only parsed"


def find_syntax_error(code: bytes, runtime: str) -> str | None:
    """Return the syntax error of code, or None. The code is not run.

    Args:
        code: The function's source.
        runtime: `cloudfront-js-1.0` or `cloudfront-js-2.0`.
    """
    try:
        script, _ = prepare(code, runtime)
    except UnicodeDecodeError:
        return "SyntaxError: the code is not UTF-8"
    strict, _, rest = script.partition(";")
    try:
        # The whole script is parsed before its first statement throws.
        quickjs.Context().eval(f"{strict};throw {_NOTHING!r};{rest}")
    except quickjs.JSException as error:
        found = str(error).strip()
        return None if _NOTHING in found else " ".join(line.strip() for line in found.splitlines()[:2])
    return None
