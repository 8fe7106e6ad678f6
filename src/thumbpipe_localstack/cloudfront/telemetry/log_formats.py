"""Access log lines in the formats that a delivery may have."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from thumbpipe_localstack.cloudfront.telemetry.log_fields import STANDARD

_NOTHING: Final = "-"
_TAB: Final = "\t"


def to_line(fields: Mapping[str, str], names: Sequence[str], output_format: str, delimiter: str = _TAB) -> str:
    """Return a line.

    Args:
        fields: All that can be told of a request.
        names: Those that are wanted, in their order.
        output_format: `json`, or any other for values and a delimiter.
        delimiter: Between values.
    """
    chosen = {name: fields.get(name, _NOTHING) for name in names}
    if output_format == "json":
        return json.dumps(chosen, separators=(",", ":"))
    return delimiter.join(chosen.values())


def to_file(lines: Sequence[str], names: Sequence[str], output_format: str) -> bytes:
    """Return a file of lines; W3C's begins with what its columns are."""
    head = [f"#Version: 1.0\n#Fields: {' '.join(names)}\n"] if output_format == "w3c" else []
    return "".join([*head, *(f"{line}\n" for line in lines)]).encode()


def to_legacy_line(fields: Mapping[str, str], *, with_cookies: bool) -> str:
    """Return a line of the legacy logs."""
    return to_line(fields if with_cookies else {**fields, "cs(Cookie)": _NOTHING}, STANDARD, "w3c")
