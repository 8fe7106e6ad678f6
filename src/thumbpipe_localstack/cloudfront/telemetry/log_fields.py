"""The fields of CloudFront's access logs."""

import re
import time
from typing import Final

from thumbpipe_localstack.cloudfront.location import POP
from thumbpipe_localstack.cloudfront.telemetry.served_request import Exchange

STANDARD: Final = (
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "cs(Cookie)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "fle-status",
    "fle-encrypted-fields",
    "c-port",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
    "sc-range-start",
    "sc-range-end",
)
"""The fields of legacy logs, in order; also the default of deliveries."""

_NOTHING: Final = "-"
# What CloudFront percent-encodes, so that lines and fields stay separate.
_ENCODED: Final = re.compile(r"""[\x00-\x20\x7f-\U0010ffff<>"#%{|}\\^~\[\]`']""")
_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/")


def fields_of(exchange: Exchange) -> dict[str, str]:
    """Return all fields of a request, `-` for those without a value, such as those of TLS."""
    asked, answered = exchange.headers, exchange.answer_headers
    when = time.gmtime(exchange.ended)
    taken = f"{max(exchange.ended - exchange.started, 0.0):.3f}"
    span = _RANGE.match(answered.get("Content-Range", ""))
    return dict.fromkeys(STANDARD, _NOTHING) | {
        "date": time.strftime("%Y-%m-%d", when),
        "time": time.strftime("%H:%M:%S", when),
        "x-edge-location": POP,
        "sc-bytes": str(exchange.sent_bytes),
        "c-ip": exchange.client_ip,
        "cs-method": _line(exchange.method),
        "cs(Host)": exchange.distribution.domain_name,
        "cs-uri-stem": _line(exchange.path),
        "sc-status": str(exchange.status),
        "cs(Referer)": _encode(asked.get("Referer", "")),
        "cs(User-Agent)": _encode(asked.get("User-Agent", "")),
        "cs-uri-query": _line(exchange.query),
        "cs(Cookie)": _encode("; ".join(asked.getlist("Cookie"))),
        "x-edge-result-type": exchange.result,
        "x-edge-request-id": exchange.request_id,
        "x-host-header": _encode(exchange.authority),
        "cs-protocol": exchange.scheme,
        "cs-bytes": str(exchange.received_bytes),
        "time-taken": taken,
        "x-forwarded-for": _encode(asked.get("X-Forwarded-For", "")),
        "x-edge-response-result-type": exchange.result,
        "cs-protocol-version": _line(exchange.http_version),
        "time-to-first-byte": taken,
        "x-edge-detailed-result-type": exchange.result,
        "sc-content-type": _encode(answered.get("Content-Type", "")),
        "sc-content-len": answered.get("Content-Length", _NOTHING),
        "sc-range-start": span[1] if span else _NOTHING,
        "sc-range-end": span[2] if span else _NOTHING,
        "timestamp": str(int(exchange.ended)),
        "timestamp(ms)": str(int(exchange.ended * 1000)),
        "DistributionId": exchange.distribution.id,
        "c-country": _encode(asked.get("CloudFront-Viewer-Country", "")),
    }


def _encode(value: str) -> str:
    return _ENCODED.sub(lambda found: "".join(f"%{byte:02X}" for byte in _bytes(found[0])), value) or _NOTHING


def _line(value: str) -> str:
    """Return a percent-encoded text with the remaining white space and non-ASCII characters encoded."""
    return re.sub(r"[\x00-\x20\x7f-\U0010ffff]", lambda found: _encode(found[0]), value) or _NOTHING


def _bytes(letter: str) -> bytes:
    return letter.encode("utf-8", "surrogatepass")
