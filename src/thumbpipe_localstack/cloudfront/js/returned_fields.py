"""Validation of what a function returned: objects, and fields of headers, cookies and query parameters."""

from collections.abc import Mapping
from typing import Any

from thumbpipe_localstack.cloudfront.js.events import Field

Returned = Mapping[str, Any]


class InvalidValueError(Exception):
    """A function returned an invalid value, which the text names."""


def require_object(value: object, where: str) -> Returned:
    """Return an object that a function returned.

    Raises:
        InvalidValueError: It is not an object.
    """
    if not isinstance(value, dict):
        raise InvalidValueError(f"{where} is missing" if value is None else f"{where} is not an object")
    return value


def read_fields(returned: object, shown: Mapping[str, Field], where: str) -> dict[str, list[Field]]:
    """Return the items of each field that a function returned.

    CloudFront's rules for a repeated name: a changed `multiValue` replaces all items. Otherwise `value` replaces the
    first item only.

    Args:
        returned: The fields that the function returned, or None.
        shown: The fields of the event.
        where: Their place, for error messages: `request.headers` and so on.

    Raises:
        InvalidValueError: They are malformed.
    """
    if returned is None:
        return {}
    if not isinstance(returned, dict):
        raise InvalidValueError(f"{where} is not an object")
    return {name: _read_field(field, shown.get(name), f"{where}.{name}") for name, field in returned.items()}


def _read_field(field: object, shown: Field | None, where: str) -> list[Field]:
    if not isinstance(field, dict):
        raise InvalidValueError(f"{where} is not an object")
    several = field.get("multiValue")
    if several is None:
        return [_check_item(field, where)]
    if not isinstance(several, list) or not several:
        raise InvalidValueError(f"{where}.multiValue is not an array of values")
    items = [_check_item(item, f"{where}.multiValue") for item in several]
    is_changed = shown is None or several != shown.get("multiValue")
    return items if is_changed or "value" not in field else [_check_item(field, where), *items[1:]]


def _check_item(item: object, where: str) -> Field:
    if not isinstance(item, dict) or "value" not in item:
        raise InvalidValueError(f"{where}.value is missing")
    kept = {key: item[key] for key in ("value", "attributes") if item.get(key) is not None}
    if not all(isinstance(value, str) for value in kept.values()) or "value" not in kept:
        raise InvalidValueError(f"{where} contains a value that is not a string")
    return kept
