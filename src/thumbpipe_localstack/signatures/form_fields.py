"""The fields of a form that a browser posts to S3: names, variables, and what is there twice."""

from collections.abc import Iterable
from typing import Final

from thumbpipe_localstack.signatures.refusals import Reason, RefusedError

_FILENAME: Final = "${filename}"


def fill_in(items: Iterable[tuple[str, str]], filename: str) -> dict[str, str]:
    """Return the fields by their names in lower case, with the file's name where they ask for it.

    Args:
        items: The fields in the order in which they were sent.
        filename: What the browser calls the file. Of a path, the last part counts.

    Raises:
        RefusedError: A field is there twice, and which one counts is anybody's guess.
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
