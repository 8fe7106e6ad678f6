"""Validation of requests against CloudFront's service model: required members, enumerations, quantities."""

from typing import Any, Final

from botocore.model import ListShape, Shape, StructureShape

from thumbpipe_localstack.cloudfront.control.errors import fault, invalid_argument

_QUANTITY: Final = "Quantity"
_ITEMS: Final = "Items"
_NEVER_EMPTY: Final = {"CallerReference", "Header", "HeaderName"}


def read_request(shape: Shape, request: dict[str, Any]) -> dict[str, Any]:
    """Validate a request against its model, and return it without unset members.

    Args:
        shape: The operation's input.
        request: As LocalStack's parser returns it, with absent members set to None.

    Raises:
        CommonServiceException: CloudFront's error.
    """
    return _read_structure(shape, request) if isinstance(shape, StructureShape) else {}


def _read(shape: Shape, value: Any, name: str) -> Any:  # noqa: ANN401 - any value of any shape
    if isinstance(shape, StructureShape):
        return _read_structure(shape, value)
    if isinstance(shape, ListShape):
        return [_read(shape.member, item, name) for item in value if item is not None]
    enum = shape.metadata.get("enum")
    if enum and value not in enum:
        raise invalid_argument(f"The parameter {name} must be one of {', '.join(enum)}.")
    return value


def _read_structure(shape: StructureShape, value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        given = value.get(name)
        if given is not None:
            found[name] = _read(member, given, name)
        elif name in shape.required_members and not _is_empty_list(name, value):
            found[name] = _read_nothing(name, member)
    if _NEVER_EMPTY & {name for name, text in found.items() if text == ""}:
        raise invalid_argument(f"The parameter {', '.join(sorted(_NEVER_EMPTY & found.keys()))} must not be empty.")
    _check_quantity(shape, found)
    return found


def _read_nothing(name: str, member: Shape) -> str:
    """Return the value of an absent required member: a text is empty, which XML cannot tell from absent.

    Raises:
        CommonServiceException: The member is not a text.
    """
    if name == "IfMatch":
        raise fault("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
    if member.type_name == "string" and "enum" not in member.metadata:
        return ""
    if member.type_name == "structure" and name.endswith("Config"):
        raise fault("MissingBody", "This operation requires a body. Ensure that the body is present.")
    raise invalid_argument(f"The parameter {name} is required.")


def _is_empty_list(name: str, value: dict[str, Any]) -> bool:
    return name == _ITEMS and value.get(_QUANTITY) == 0


def _check_quantity(shape: StructureShape, value: dict[str, Any]) -> None:
    if _QUANTITY in shape.members and _ITEMS in shape.members and len(value.get(_ITEMS) or []) != value[_QUANTITY]:
        raise fault("InconsistentQuantities", "The value of Quantity and the size of Items don't match.")
