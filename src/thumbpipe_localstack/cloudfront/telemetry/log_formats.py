"""Formats of access logs."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from thumbpipe_localstack.cloudfront.telemetry.log_fields import STANDARD

_NOTHING: Final = "-"
_TAB: Final = "\t"


def to_line(fields: Mapping[str, str], names: Sequence[str], output_format: str, delimiter: str = _TAB) -> str:
    """Return a line.

    Args:
        fields: All fields of a request.
        names: The fields to write, in order.
        output_format: `json`; any other is values with a delimiter.
        delimiter: Between values.
    """
    chosen = {name: fields.get(name, _NOTHING) for name in names}
    if output_format == "json":
        return json.dumps(chosen, separators=(",", ":"))
    return delimiter.join(chosen.values())


def to_file(lines: Sequence[str], names: Sequence[str], output_format: str) -> bytes:
    """Return a file of lines; in W3C format it begins with the names of the fields."""
    head = [f"#Version: 1.0\n#Fields: {' '.join(names)}\n"] if output_format == "w3c" else []
    return "".join([*head, *(f"{line}\n" for line in lines)]).encode()


def to_legacy_line(fields: Mapping[str, str], *, with_cookies: bool) -> str:
    """Return a line of the legacy logs."""
    return to_line(fields if with_cookies else {**fields, "cs(Cookie)": _NOTHING}, STANDARD, "w3c")
