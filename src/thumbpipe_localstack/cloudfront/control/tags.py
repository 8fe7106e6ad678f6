"""Tags of distributions."""

import re
from typing import Any, Final

from localstack.aws.api import RequestContext

from thumbpipe_localstack.cloudfront.control.errors import fault, invalid_argument
from thumbpipe_localstack.cloudfront.control.resources import Answer, Operation
from thumbpipe_localstack.cloudfront.registry import store_of
from thumbpipe_localstack.cloudfront.store import Distribution

_MOST: Final = 50
_LONGEST_KEY: Final = 128
_LONGEST_VALUE: Final = 256
_TEXT: Final = re.compile(r"[\w\s.:/=+\-@]*")
_ARN: Final = re.compile(r"arn:aws[a-z-]*:cloudfront::\d{12}:.+")


def read_tags(tags: dict[str, Any] | None) -> dict[str, str]:
    """Validate tags and return them as a mapping.

    Args:
        tags: In the form of botocore's model.
    """
    found: dict[str, str] = {}
    for tag in (tags or {}).get("Items") or []:
        key, value = tag.get("Key") or "", tag.get("Value") or ""
        if not 1 <= len(key) <= _LONGEST_KEY or not _TEXT.fullmatch(key) or key.lower().startswith("aws:"):
            raise fault("InvalidTagging", f"The tag key is not valid: {key}")
        if len(value) > _LONGEST_VALUE or not _TEXT.fullmatch(value):
            raise fault("InvalidTagging", f"The value of the tag {key} is not valid.")
        if key in found:
            raise fault("InvalidTagging", f"The tag key occurs more than once: {key}")
        found[key] = value
    return require_few(found)


def require_few(tags: dict[str, str]) -> dict[str, str]:
    """Return tags, or reject more than a resource may have."""
    if len(tags) > _MOST:
        raise fault("InvalidTagging", f"A resource can have at most {_MOST} tags.")
    return tags


def _find(context: RequestContext, arn: str) -> Distribution:
    if not _ARN.fullmatch(arn):
        raise invalid_argument(f"The parameter Resource is not an ARN of CloudFront: {arn}")
    for distribution in store_of(context.account_id).distributions.values():
        if distribution.arn == arn:
            return distribution
    raise fault("NoSuchResource", f"The specified resource does not exist: {arn}")


def _tag(context: RequestContext, request: dict[str, Any]) -> Answer:
    distribution = _find(context, request["Resource"])
    distribution.tags = require_few(distribution.tags | read_tags(request["Tags"]))
    return {}


def _untag(context: RequestContext, request: dict[str, Any]) -> Answer:
    distribution = _find(context, request["Resource"])
    removed = set(request["TagKeys"].get("Items") or [])
    distribution.tags = {key: value for key, value in distribution.tags.items() if key not in removed}
    return {}


def _list(context: RequestContext, request: dict[str, Any]) -> Answer:
    tags = _find(context, request["Resource"]).tags
    return {"Tags": {"Items": [{"Key": key, "Value": value} for key, value in tags.items()]}}


OPERATIONS: Final[dict[str, Operation]] = {"TagResource": _tag, "UntagResource": _untag, "ListTagsForResource": _list}
