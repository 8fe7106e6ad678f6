"""What CloudFront's service model says of a request, checked: members that are required, enumerations, quantities."""

from typing import Any

from botocore.model import ListShape, Shape, StructureShape
from localstack.aws.api import CommonServiceException

from thumbpipe_localstack.cloudfront.control.errors import fault, invalid_argument

_QUANTITY = "Quantity"
_ITEMS = "Items"


def check_request(shape: Shape, request: dict[str, Any]) -> None:
    """Refuse a request that does not have the form of its model.

    Args:
        shape: The operation's input.
        request: What came.

    Raises:
        CommonServiceException: As CloudFront refuses it.
    """
    if isinstance(shape, StructureShape):
        _check_structure(shape, request)


def _check(shape: Shape, value: Any, name: str) -> None:  # noqa: ANN401 - any value of any shape
    if isinstance(shape, StructureShape):
        _check_structure(shape, value)
    elif isinstance(shape, ListShape):
        for item in value:
            _check(shape.member, item, name)
    elif enum := shape.metadata.get("enum"):
        if value not in enum:
            raise invalid_argument(f"The parameter {name} must be one of {', '.join(enum)}.")
    elif shape.type_name in {"integer", "long"} and not isinstance(value, int):
        raise invalid_argument(f"The parameter {name} must be a number.")


def _check_structure(shape: StructureShape, value: dict[str, Any]) -> None:
    for name, member in shape.members.items():
        given = value.get(name)
        if given is not None:
            _check(member, given, name)
        elif name in shape.required_members and not _may_be_empty(shape, name, value):
            raise _missing(name, member)
    _check_quantity(shape, value)


def _missing(name: str, member: Shape) -> CommonServiceException:
    if name == "IfMatch":
        return fault("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
    if member.type_name == "structure" and name.endswith("Config"):
        return fault("MissingBody", "This operation requires a body. Ensure that the body is present.")
    return invalid_argument(f"The parameter {name} is required.")


def _may_be_empty(shape: StructureShape, name: str, value: dict[str, Any]) -> bool:
    """Say whether a member that is missing is an empty list or text, which XML cannot tell from nothing."""
    is_empty_list = name == _ITEMS and value.get(_QUANTITY) == 0
    return is_empty_list or shape.members[name].type_name == "string"


def _check_quantity(shape: StructureShape, value: dict[str, Any]) -> None:
    if _QUANTITY in shape.members and _ITEMS in shape.members and len(value.get(_ITEMS) or []) != value[_QUANTITY]:
        raise fault("InconsistentQuantities", "The value of Quantity and the size of Items don't match.")
