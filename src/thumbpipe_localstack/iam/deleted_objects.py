"""``DeleteObjects`` of S3, which deletes what may be deleted and returns an error for each other key."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from localstack.aws.api import RequestContext
from localstack.services.s3.provider import S3Provider
from localstack.utils.patch import patch

_PLACE: Final = "thumbpipe_localstack.refused_objects"


def refuse_objects(context: RequestContext, refused: Sequence[bool]) -> None:
    """Keep with a request which of its objects, in order, may not be deleted."""
    context.request.environ[_PLACE] = refused


def report_refused_objects() -> None:
    """Have S3 delete the others, and return an error for each of these."""

    @patch(S3Provider.delete_objects)  # type: ignore[untyped-decorator]
    def delete_objects(
        original: Callable[..., dict[str, Any]],
        provider: Any,  # noqa: ANN401 - LocalStack carries no types
        context: RequestContext,
        bucket: str,
        delete: dict[str, Any],
        **options: object,
    ) -> dict[str, Any]:
        refused = context.request.environ.get(_PLACE) or ()
        if not any(refused):
            return original(provider, context, bucket, delete, **options)
        pairs = list(zip(delete["Objects"], refused, strict=True))
        allowed = [item for item, is_refused in pairs if not is_refused]
        # Nothing is left to delete: LocalStack would take that for a malformed request.
        answer = original(provider, context, bucket, {**delete, "Objects": allowed}, **options) if allowed else {}
        errors = [_describe(item) for item, is_refused in pairs if is_refused]
        return {**answer, "Errors": [*(answer.get("Errors") or ()), *errors]}


def _describe(item: dict[str, str]) -> dict[str, str]:
    version = {"VersionId": item["VersionId"]} if item.get("VersionId") else {}
    return {"Key": item["Key"], **version, "Code": "AccessDenied", "Message": "Access Denied"}
