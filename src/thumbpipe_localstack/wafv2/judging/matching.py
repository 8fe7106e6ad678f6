"""Tests of a part of a request."""

import operator
import re
from collections.abc import Callable
from typing import Any, Final

import re2

Test = Callable[[bytes], bool]

_WORD: Final = re.compile(rb"[A-Za-z0-9_]")
_COMPARISONS: Final[dict[str, Callable[[int, int], bool]]] = {
    "EQ": operator.eq,
    "GE": operator.ge,
    "GT": operator.gt,
    "LE": operator.le,
    "LT": operator.lt,
    "NE": operator.ne,
}


def _regex_options() -> Any:  # noqa: ANN401 - the library carries no types
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return options


_OPTIONS: Final = _regex_options()


class BadPatternError(ValueError):
    """An invalid pattern, or one with syntax that neither WAF nor RE2 supports."""


def compile_regex(*patterns: bytes) -> Test:
    """Return a test for any of some patterns.

    Its time is linear in the length of the text: RE2 does not backtrack. From Python, RE2's sets are faster than its
    patterns.

    Raises:
        BadPatternError: One is invalid.
    """
    patterns_set = re2.Set.SearchSet(_OPTIONS)
    try:
        for pattern in patterns:
            patterns_set.Add(pattern)
    except re2.error as error:
        raise BadPatternError(str(error)) from error
    patterns_set.Compile()
    match = patterns_set.Match
    return lambda text: match(text) is not None


def compile_size(comparison: str, size: int) -> Test:
    """Return a test of the length in bytes."""
    compare = _COMPARISONS[comparison]
    return lambda text: compare(len(text), size)


def compile_bytes(wanted: bytes, constraint: str) -> Test:
    """Return a test for a text with a `PositionalConstraint`."""
    tests: dict[str, Test] = {
        "CONTAINS": lambda text: wanted in text,
        "CONTAINS_WORD": lambda text: _contains_word(text, wanted),
        "ENDS_WITH": lambda text: text.endswith(wanted),
        "EXACTLY": lambda text: text == wanted,
        "STARTS_WITH": lambda text: text.startswith(wanted),
    }
    return tests[constraint]


def _contains_word(text: bytes, wanted: bytes) -> bool:
    if not wanted or not all(_WORD.match(wanted, index) for index in range(len(wanted))):
        return False  # as on AWS: a word consists of letters, digits and _
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not (start and _WORD.match(text, start - 1)) and not _WORD.match(text, end):
            return True
        start = text.find(wanted, start + 1)
    return False
