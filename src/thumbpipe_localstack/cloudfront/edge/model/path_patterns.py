"""CloudFront's path patterns, and the normalised path that they are matched with."""

import re
from functools import lru_cache
from typing import Final

_ESCAPED: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_SLASHES: Final = re.compile(r"/{2,}")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a pattern: `*` matches any text, `?` one character; the rest is literal and case-sensitive."""
    parts = ({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in pattern)
    return re.compile("".join(parts), re.DOTALL)


def matches(pattern: str, value: str) -> bool:
    """Tell whether a pattern matches a whole text."""
    return compile_pattern(pattern).fullmatch(value) is not None


def compile_path_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a behaviour's path pattern; its leading slash is optional."""
    return compile_pattern(normalise(pattern if pattern.startswith(("/", "*")) else f"/{pattern}", dots=False))


def _decode_unreserved(found: re.Match[str]) -> str:
    char = chr(int(found.group(1), 16))
    return char if char in _UNRESERVED else found.group().upper()


def _remove_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def normalise(path: str, *, dots: bool = True) -> str:
    """Normalise a path for the choice of its behaviour, by RFC 3986.

    The origin gets the path as the viewer sent it. Only the behaviour is chosen by the normalised path, so that
    `/public/../private/x` is subject to the rules of `/private/*`, however its dots are encoded.

    Args:
        path: As the viewer sent it.
        dots: Whether to remove `.`, `..` and repeated slashes, too.
    """
    if "%" in path:
        path = _ESCAPED.sub(_decode_unreserved, path)
    if not dots:
        return path
    if "//" in path:
        path = _SLASHES.sub("/", path)
    return _remove_dots(path) if "/." in path else path
