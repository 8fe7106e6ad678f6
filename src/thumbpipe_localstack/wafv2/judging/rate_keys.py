"""Aggregation keys of rate-based rules."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from thumbpipe_localstack.wafv2.judging.addresses import forwarded_addresses, parse_address
from thumbpipe_localstack.wafv2.judging.fields import compile_values
from thumbpipe_localstack.wafv2.judging.inspected import Inspected

# A key; None if the request has none and is not counted; True if it matches without being counted.
Key = str | bool | None
KeyOf = Callable[[Inspected], Key]

_SEPARATOR: Final = "\x1f"
_FIELDS: Final[dict[str, Callable[[Any], Mapping[str, Any]]]] = {
    "Cookie": lambda name: {"Cookies": _all_of("IncludedCookies", name)},
    "Header": lambda name: {"SingleHeader": {"Name": name}},
    "QueryArgument": lambda name: {"SingleQueryArgument": {"Name": name}},
    "QueryString": lambda _: {"QueryString": {}},
    "UriPath": lambda _: {"UriPath": {}},
}
UNSUPPORTED_KEYS: Final = ("ASN", "JA3Fingerprint", "JA4Fingerprint")


def _all_of(pattern: str, name: str) -> dict[str, Any]:
    return {"MatchPattern": {pattern: [name]}, "MatchScope": "VALUE", "OversizeHandling": "CONTINUE"}


def compile_key(statement: Mapping[str, Any], body_limit: int) -> KeyOf:
    """Compile the aggregation key.

    Args:
        statement: A `RateBasedStatement`.
        body_limit: How many bytes of a body are inspected.
    """
    kind = statement["AggregateKeyType"]
    if kind == "CONSTANT":
        return lambda _: "CONSTANT"
    if kind == "IP":
        return lambda inspected: inspected.request.source_ip
    if kind == "FORWARDED_IP":
        return _forwarded(statement["ForwardedIPConfig"])
    parts = [_compile_part(part, statement.get("ForwardedIPConfig"), body_limit) for part in statement["CustomKeys"]]

    def key_of(inspected: Inspected) -> Key:
        keys = [part(inspected) for part in parts]
        if any(key is None for key in keys):
            return None
        if any(key is True for key in keys):
            return True
        return _SEPARATOR.join(map(str, keys))

    return key_of


def _forwarded(config: Mapping[str, Any]) -> KeyOf:
    header, fallback = config["HeaderName"], config["FallbackBehavior"] == "MATCH"

    def key_of(inspected: Inspected) -> Key:
        found = forwarded_addresses(inspected, header, "FIRST")
        if not found:
            return None
        return str(found[0]) if found[0] is not None else (fallback or None)

    return key_of


def _compile_part(part: Mapping[str, Any], forwarded: Mapping[str, Any] | None, body_limit: int) -> KeyOf:
    ((kind, settings),) = part.items()
    settings = settings or {}
    if kind == "IP":
        return lambda inspected: str(parse_address(inspected.request.source_ip))
    if kind == "ForwardedIP":
        return _forwarded(forwarded or {})
    if kind == "HTTPMethod":
        return lambda inspected: inspected.request.method
    if kind == "LabelNamespace":
        namespace = settings["Namespace"]
        return lambda inspected: ",".join(sorted(each for each in inspected.labels if namespace in each)) or None
    values_of = compile_values(_FIELDS[kind](settings.get("Name")), settings["TextTransformations"], body_limit)

    def key_of(inspected: Inspected) -> Key:
        values = values_of(inspected)
        return b",".join(values).decode("latin-1") if isinstance(values, list) and values else None

    return key_of
