"""Which headers a function is not shown, may not set, or may only read."""

import re

_HIDDEN = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "trailer",
        "upgrade",
        "x-accel-buffering",
        "x-accel-charset",
        "x-accel-limit-rate",
        "x-accel-redirect",
        "x-amzn-auth",
        "x-amzn-cf-billing",
        "x-amzn-cf-id",
        "x-amzn-cf-xff",
        "x-amzn-errortype",
        "x-amzn-fle-profile",
        "x-amzn-header-count",
        "x-amzn-header-order",
        "x-amzn-lambda-integration-tag",
        "x-amzn-requestid",
        "x-cache",
        "x-forwarded-proto",
        "x-real-ip",
    }
)
_HIDDEN_PREFIXES = ("x-amz-cf-", "x-edge-")
READ_ONLY_IN_REQUEST = frozenset({"content-length", "host", "transfer-encoding", "via"})
READ_ONLY_IN_RESPONSE = frozenset({"warning", "via"})

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+")  # in lower case, as CloudFront wants it
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


def is_hidden(name: str) -> bool:
    """Tell whether functions neither see nor set a header, by its name in lower case."""
    return name in _HIDDEN or name.startswith(_HIDDEN_PREFIXES)


def is_name(name: str) -> bool:
    """Tell whether a name is one of a header, in lower case."""
    return _NAME.fullmatch(name) is not None


def is_value(value: str) -> bool:
    """Tell whether a value keeps to its line."""
    return _VALUE.fullmatch(value) is not None


def capitalise(name: str) -> str:
    """Return a name as CloudFront writes those that a function has set: each word with a capital."""
    return "-".join(word.capitalize() for word in name.split("-"))
