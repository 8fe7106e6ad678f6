"""The fields of a form that a browser posts to S3: their names, variables and duplicates."""

from collections.abc import Iterable
from typing import Final

from thumbpipe_localstack.signatures.refusals import Reason, RefusedError

_FILENAME: Final = "${filename}"


def fill_in(items: Iterable[tuple[str, str]], filename: str) -> dict[str, str]:
    """Return the fields by their names in lower case, with ``${filename}`` filled in.

    Args:
        items: The fields in the order in which they were sent.
        filename: The file's name as the browser sent it. Of a path, only the last part is used.

    Raises:
        RefusedError: A field occurs twice, so its value is ambiguous.
    """
    bare = filename.replace("\\", "/").rpartition("/")[2]
    fields: dict[str, str] = {}
    for name, value in items:
        key = name.lower()
        if key in fields:
            details = {"ArgumentName": key, "ArgumentValue": ""}
            message = f"POST requires at most one field named '{key}'"
            raise RefusedError(Reason.MALFORMED, message, code="InvalidArgument", details=details)
        fields[key] = value.replace(_FILENAME, bare)
    return fields
