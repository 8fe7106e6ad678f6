"""The parts of a request that a statement can inspect (`FieldToMatch`), after text transformations."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from thumbpipe_localstack.wafv2.judging.inspected import (
    CONTENT_LIMIT,
    COUNT_LIMIT,
    Inspected,
    Values,
    to_bytes,
    to_utf8,
)
from thumbpipe_localstack.wafv2.judging.transforms import TRANSFORMATIONS

Extract = Callable[[Inspected], Values]
Pair = tuple[bytes, bytes]

# Not available to LocalStack: TLS fingerprints, and what browsers do not send.
_UNSEEN: Final = ("JA3Fingerprint", "JA4Fingerprint", "UriFragment")


def compile_values(field: Mapping[str, Any], transformations: Sequence[Mapping[str, Any]], body_limit: int) -> Extract:
    """Compile the extraction of a part; for each request it is extracted and transformed once for all rules.

    Args:
        field: As in `FieldToMatch`.
        transformations: As in `TextTransformations`.
        body_limit: How many bytes of a body are inspected.
    """
    extract = _compile_field(field, body_limit)
    ordered = sorted(transformations, key=lambda each: int(each["Priority"]))
    names = [each["Type"] for each in ordered if each["Type"] != "NONE"]
    steps = [TRANSFORMATIONS[name] for name in names]
    key = f"{json.dumps(field, sort_keys=True, default=str)} {' '.join(names)}"

    def values_of(inspected: Inspected) -> Values:
        found = inspected.values.get(key)
        if found is None:
            found = _apply(extract(inspected), steps)
            inspected.values[key] = found
        return found

    return values_of


def _apply(values: Values, steps: Iterable[Callable[[bytes], bytes]]) -> Values:
    if isinstance(values, bool):
        return values
    for step in steps:
        values = [step(value) for value in values]
    return values


def _compile_field(field: Mapping[str, Any], body_limit: int) -> Extract:
    (kind, settings), *_ = field.items()
    settings = settings or {}
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if kind in _UNSEEN:
        fallback = settings.get("FallbackBehavior", "NO_MATCH") == "MATCH"
        return lambda _: fallback
    return _COMPILERS[kind](settings, body_limit)


def _single_header(settings: Mapping[str, Any], _limit: int) -> Extract:
    name = to_utf8(settings["Name"]).lower()
    return lambda inspected: inspected.header_values.get(name, [])


def _single_argument(settings: Mapping[str, Any], _limit: int) -> Extract:
    wanted = to_utf8(settings["Name"]).lower()
    return lambda inspected: [value for name, value in inspected.arguments if name.lower() == wanted]


def _pairs_in_scope(pairs: Iterable[Pair], scope: str) -> list[bytes]:
    if scope == "KEY":
        return [name for name, _ in pairs]
    if scope == "VALUE":
        return [value for _, value in pairs]
    return [part for pair in pairs for part in pair]


def _chosen(pattern: Mapping[str, Any], included: str, excluded: str) -> Callable[[bytes], bool]:
    names = {to_utf8(name).lower() for name in pattern.get(included) or pattern.get(excluded) or ()}
    if included in pattern:
        return lambda name: name.lower() in names
    return lambda name: name.lower() not in names


def _compile_pairs(
    settings: Mapping[str, Any], chosen: Callable[[bytes], bool], pairs_of: Callable[[Inspected], list[Pair]]
) -> Extract:
    oversize, scope = settings["OversizeHandling"], settings["MatchScope"]

    def extract(inspected: Inspected) -> Values:
        kept, size, pairs = [], 0, pairs_of(inspected)
        for name, value in pairs[:COUNT_LIMIT]:
            size += len(name) + len(value)
            if size > CONTENT_LIMIT:
                break
            kept.append((name, value))
        if len(kept) < len(pairs) and oversize != "CONTINUE":
            return bool(oversize == "MATCH")
        return _pairs_in_scope((pair for pair in kept if chosen(pair[0])), scope)

    return extract


def _headers(settings: Mapping[str, Any], _limit: int) -> Extract:
    chosen = _chosen(settings["MatchPattern"], "IncludedHeaders", "ExcludedHeaders")
    return _compile_pairs(settings, chosen, lambda inspected: inspected.headers)


def _cookies(settings: Mapping[str, Any], _limit: int) -> Extract:
    chosen = _chosen(settings["MatchPattern"], "IncludedCookies", "ExcludedCookies")
    return _compile_pairs(settings, chosen, lambda inspected: inspected.cookies)


def _header_order(settings: Mapping[str, Any], _limit: int) -> Extract:
    oversize = settings["OversizeHandling"]

    def extract(inspected: Inspected) -> Values:
        names = [name for name, _ in inspected.headers]
        order = b":".join(names[:COUNT_LIMIT])
        if (len(names) > COUNT_LIMIT or len(order) > CONTENT_LIMIT) and oversize != "CONTINUE":
            return bool(oversize == "MATCH")
        return [order[:CONTENT_LIMIT]]

    return extract


def _body(settings: Mapping[str, Any], limit: int) -> Extract:
    oversize = settings.get("OversizeHandling", "CONTINUE")

    def extract(inspected: Inspected) -> Values:
        body = inspected.request.body
        if len(body) > limit and oversize != "CONTINUE":
            return bool(oversize == "MATCH")
        return [body[:limit]]

    return extract


def _json_body(settings: Mapping[str, Any], limit: int) -> Extract:
    whole = _body(settings, limit)
    fallback = settings.get("InvalidFallbackBehavior", "EVALUATE_AS_STRING")
    paths = (settings["MatchPattern"] or {}).get("IncludedPaths")
    scope = settings["MatchScope"]

    def extract(inspected: Inspected) -> Values:
        values = whole(inspected)
        if isinstance(values, bool) or not values[0]:
            return values if isinstance(values, bool) else []
        try:
            document = json.loads(values[0])
        except (ValueError, RecursionError):
            return values if fallback == "EVALUATE_AS_STRING" else bool(fallback == "MATCH")
        return _pairs_in_scope(_leaves(b"", document, "", paths), scope)

    return extract


def _leaves(name: bytes, node: object, pointer: str, paths: Sequence[str] | None) -> Iterable[Pair]:
    """Iterate over the keys and values of a document, within the paths if there are any.

    With an explicit stack: the JSON parser accepts documents that are too deep for recursion.
    """
    stack: list[tuple[bytes, object, str]] = [(name, node, pointer)]
    while stack:
        name, node, pointer = stack.pop()
        if isinstance(node, dict):
            stack += [
                (to_utf8(key), value, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
                for key, value in reversed(node.items())
            ]
        elif isinstance(node, list):
            stack += [(name, value, f"{pointer}/{index}") for index, value in reversed(list(enumerate(node)))]
        elif paths is None or any(pointer == path or pointer.startswith(f"{path}/") for path in paths):
            yield name, to_utf8(node) if isinstance(node, str) else json.dumps(node).encode()


_SIMPLE: Final[dict[str, Extract]] = {
    "AllQueryArguments": lambda inspected: [value for _, value in inspected.arguments],
    "Method": lambda inspected: [to_bytes(inspected.request.method)],
    "QueryString": lambda inspected: [inspected.query],
    "UriPath": lambda inspected: [inspected.path],
}
_COMPILERS: Final[dict[str, Callable[[Mapping[str, Any], int], Extract]]] = {
    "Body": _body,
    "Cookies": _cookies,
    "HeaderOrder": _header_order,
    "Headers": _headers,
    "JsonBody": _json_body,
    "SingleHeader": _single_header,
    "SingleQueryArgument": _single_argument,
}
FIELDS: Final = frozenset({*_SIMPLE, *_COMPILERS, *_UNSEEN})
