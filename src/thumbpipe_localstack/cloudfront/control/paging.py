"""Pagination by `Marker` and `MaxItems`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from thumbpipe_localstack.cloudfront.control.errors import invalid_argument

_MOST: Final = 100

_Item = TypeVar("_Item")


def _read_most(request: Mapping[str, Any]) -> int:
    text = str(request.get("MaxItems") or _MOST)
    if not text.isdecimal() or int(text) == 0:
        raise invalid_argument("The parameter MaxItems must be a positive number.")
    return min(int(text), _MOST)


def _skip(keys: list[str], marker: str) -> int:
    """Return the index of the item that the marker names."""
    if not marker:
        return 0
    if marker not in keys:
        raise invalid_argument("The parameter Marker is not valid.")
    return keys.index(marker)


def page(
    items: Iterable[_Item],
    request: Mapping[str, Any],
    *,
    key: Callable[[_Item], str],
    view: Callable[[_Item], object],
) -> dict[str, Any]:
    """Return one page in the form of CloudFront's lists.

    Args:
        items: All items, in order.
        request: May hold `Marker` and `MaxItems`.
        key: Returns an item's marker.
        view: Returns how the list represents an item.
    """
    everything = list(items)
    keys = [key(item) for item in everything]
    most = _read_most(request)
    marker = request.get("Marker") or ""
    start = _skip(keys, marker)
    shown = everything[start : start + most]
    is_truncated = start + most < len(everything)
    answer: dict[str, Any] = {
        "Marker": marker,
        "MaxItems": most,
        "IsTruncated": is_truncated,
        "Quantity": len(shown),
    }
    if is_truncated:
        answer["NextMarker"] = keys[start + most]
    if shown:
        answer["Items"] = [view(item) for item in shown]
    return answer
