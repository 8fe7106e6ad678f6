"""The conditions of POST policies, in forms that browsers upload to S3.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from thumbpipe_localstack.signatures.refusals import Reason, RefusedError

# Fields that need no condition.
_FREE: Final = frozenset({"awsaccesskeyid", "file", "policy", "signature", "x-amz-signature"})
_FREE_PREFIX: Final = "x-ignore-"

# Fields that allow exact matching only, not starts-with.
_WHOLE: Final = frozenset({"success_action_status", "x-amz-algorithm", "x-amz-credential", "x-amz-date"})

_RANGE: Final = "content-length-range"
_NUMBERS: Final = (int, str)
_IN_RANGE: Final = 3
_SIZE: Final = re.compile(r"[0-9]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form with its variables filled in.

    Attributes:
        fields: The fields' values by their names in lower case.
        bucket: The bucket that it is posted to.
        size: The file's size in bytes.
    """

    fields: Mapping[str, str]
    bucket: str
    size: int


def require_policy(encoded: str, form: Form, now: datetime) -> None:
    """Check a form against its policy.

    Args:
        encoded: The policy as sent: its JSON in base64.
        form: The form.
        now: The current time.

    Raises:
        RefusedError: The policy is malformed or has expired, or the form does not meet its conditions.
    """
    policy = _decode(encoded)
    _require_time(policy.get("expiration"), now)
    conditions = policy.get("conditions")
    if not isinstance(conditions, list):
        raise _invalid("Invalid Policy: missing or invalid conditions.")
    named = {name for condition in conditions for name in _require_condition(condition, form)}
    extra = [name for name in form.fields if name not in named | _FREE and not name.startswith(_FREE_PREFIX)]
    if extra:
        raise _denied(f"Extra input fields: {', '.join(extra)}")


def _decode(encoded: str) -> dict[str, Any]:
    try:
        policy = json.loads(base64.b64decode("".join(encoded.split()), validate=True))
    except (ValueError, RecursionError) as error:
        raise _invalid("Invalid Policy: Invalid JSON.") from error
    if not isinstance(policy, dict):
        raise _invalid("Invalid Policy: Invalid JSON.")
    return policy


def _invalid(message: str) -> RefusedError:
    return RefusedError(Reason.MALFORMED, message, code="InvalidPolicyDocument")


def _denied(message: str) -> RefusedError:
    return RefusedError(Reason.FORBIDDEN, f"Invalid according to Policy: {message}")


def _require_time(expiration: object, now: datetime) -> None:
    if not isinstance(expiration, str):
        raise _invalid("Invalid Policy: Policy missing expiration.")
    try:
        end = datetime.fromisoformat(expiration)
    except ValueError as error:
        raise _invalid(f"Invalid Policy: Invalid 'expiration' value: {expiration!a}") from error
    if (end if end.tzinfo else end.replace(tzinfo=UTC)) <= now:
        raise _denied("Policy expired.")


def _require_condition(condition: object, form: Form) -> Iterable[str]:
    """Check a condition and return the fields that it covers."""
    if isinstance(condition, dict):
        if len(condition) != 1:
            raise _invalid(
                "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."
            )
        ((name, value),) = condition.items()
        return _require_match("eq", f"${name}", value, form)
    if not isinstance(condition, list) or len(condition) != _IN_RANGE or not isinstance(condition[0], str):
        raise _invalid("Invalid Policy: Invalid Condition")
    operator, first, second = condition
    if operator.lower() == _RANGE:
        _require_size(first, second, form.size)
        return ()
    return _require_match(operator.lower(), first, second, form)


def _require_match(operator: str, name: object, value: object, form: Form) -> Iterable[str]:
    if operator not in _TESTS or not isinstance(name, str) or not name.startswith("$") or not isinstance(value, str):
        raise _invalid("Invalid Policy: Invalid Condition")
    field = name[1:].lower()
    found = form.bucket if field == "bucket" else form.fields.get(field, "")
    is_allowed = operator == "eq" or field not in _WHOLE
    if not is_allowed or not _TESTS[operator](field, found, value):
        raise _denied(f"Policy Condition failed: {json.dumps([operator, name, value])}")
    return (field,)


def _begins(field: str, found: str, wanted: str) -> bool:
    # A comma-separated list of content types counts as several values.
    values = [value.strip() for value in found.split(",")] if field == "content-type" else [found]
    return all(value.startswith(wanted) for value in values)


_TESTS: Final[dict[str, Callable[[str, str, str], bool]]] = {
    "eq": lambda _field, found, wanted: found == wanted,
    "starts-with": _begins,
}


def _require_size(least: object, most: object, size: int) -> None:
    if not all(isinstance(limit, _NUMBERS) and _SIZE.fullmatch(str(limit)) for limit in (least, most)):
        raise _invalid("Invalid Policy: Invalid Condition")
    if size < int(str(least)):
        details = {"ProposedSize": str(size), "MinSizeAllowed": str(least)}
        message = "Your proposed upload is smaller than the minimum allowed size"
        raise RefusedError(Reason.FORBIDDEN, message, code="EntityTooSmall", status=400, details=details)
    if size > int(str(most)):
        details = {"ProposedSize": str(size), "MaxSizeAllowed": str(most)}
        message = "Your proposed upload exceeds the maximum allowed size"
        raise RefusedError(Reason.FORBIDDEN, message, code="EntityTooLarge", status=400, details=details)
