"""Invalidations. They are complete when the call returns."""

import re
import time
from typing import Any, Final

from localstack.aws.api import RequestContext

from thumbpipe_localstack.cloudfront import registry
from thumbpipe_localstack.cloudfront.control.distributions import find_distribution
from thumbpipe_localstack.cloudfront.control.errors import fault, invalid_argument
from thumbpipe_localstack.cloudfront.control.ids import new_invalidation_id
from thumbpipe_localstack.cloudfront.control.paging import page
from thumbpipe_localstack.cloudfront.control.resources import Answer, Operation, as_time
from thumbpipe_localstack.cloudfront.store import Invalidation

_MOST_PATHS: Final = 3000
_MOST_KEPT: Final = 1000  # per distribution: frequent invalidations must not fill the memory
_PATH: Final = re.compile(r"/?[!-~]*")


def _summarize(invalidation: Invalidation) -> Answer:
    return {"Id": invalidation.id, "Status": "Completed", "CreateTime": as_time(invalidation.created)}


def _view(invalidation: Invalidation) -> Answer:
    batch: Answer = {
        "Paths": {"Quantity": len(invalidation.paths), "Items": invalidation.paths},
        "CallerReference": invalidation.caller_reference,
    }
    return {**_summarize(invalidation), "InvalidationBatch": batch}


def _read_paths(batch: dict[str, Any]) -> list[str]:
    paths: list[str] = batch["Paths"].get("Items") or []
    if not paths:
        raise invalid_argument("Your request contains no paths to invalidate.")
    if len(paths) > _MOST_PATHS:
        raise fault("BatchTooLarge", f"Invalidation batch specified is too large: the maximum is {_MOST_PATHS} paths.")
    for path in paths:
        if not path or not _PATH.fullmatch(path) or "*" in path.removesuffix("*"):
            raise invalid_argument("Your request contains one or more invalid invalidation paths.")
    return [path if path.startswith("/") else f"/{path}" for path in paths]


def _create(context: RequestContext, request: dict[str, Any]) -> Answer:
    distribution = find_distribution(context, request["DistributionId"])
    batch = request["InvalidationBatch"]
    kept = registry.store_of(context.account_id).invalidations.setdefault(distribution.id, [])
    paths, reference = _read_paths(batch), batch["CallerReference"]
    known = next((invalidation for invalidation in kept if invalidation.caller_reference == reference), None)
    if known is not None and known.paths != paths:
        raise invalid_argument("Your request contains a caller reference that was used for other paths.")
    if known is None:
        known = Invalidation(
            id=new_invalidation_id(),
            distribution_id=distribution.id,
            caller_reference=reference,
            paths=paths,
            created=time.time(),
        )
        kept.insert(0, known)
        del kept[_MOST_KEPT:]
        registry.invalidate(distribution.id, paths)
    location = f"https://cloudfront.amazonaws.com/2020-05-31/distribution/{distribution.id}/invalidation/{known.id}"
    return {"Location": location, "Invalidation": _view(known)}


def _get(context: RequestContext, request: dict[str, Any]) -> Answer:
    distribution = find_distribution(context, request["DistributionId"])
    for invalidation in registry.store_of(context.account_id).invalidations.get(distribution.id, []):
        if invalidation.id == request["Id"]:
            return {"Invalidation": _view(invalidation)}
    raise fault("NoSuchInvalidation", "The specified invalidation does not exist.")


def _list(context: RequestContext, request: dict[str, Any]) -> Answer:
    distribution = find_distribution(context, request["DistributionId"])
    kept = registry.store_of(context.account_id).invalidations.get(distribution.id, [])
    return {"InvalidationList": page(kept, request, key=lambda invalidation: invalidation.id, view=_summarize)}


OPERATIONS: Final[dict[str, Operation]] = {
    "CreateInvalidation": _create,
    "GetInvalidation": _get,
    "ListInvalidations": _list,
}
