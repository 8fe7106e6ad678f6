"""Create, get, update and delete distributions."""

import time
from typing import Any, Final

from localstack.aws.api import RequestContext

from thumbpipe_localstack.cloudfront.control import usage
from thumbpipe_localstack.cloudfront.control.checks.behaviors import check_behaviors
from thumbpipe_localstack.cloudfront.control.checks.origins import check_origins
from thumbpipe_localstack.cloudfront.control.checks.unsupported import refuse_unsupported
from thumbpipe_localstack.cloudfront.control.checks.viewers import check_viewers
from thumbpipe_localstack.cloudfront.control.defaults import with_defaults
from thumbpipe_localstack.cloudfront.control.errors import fault
from thumbpipe_localstack.cloudfront.control.ids import new_entity_id, new_etag
from thumbpipe_localstack.cloudfront.control.resources import Answer, Operation, as_time
from thumbpipe_localstack.cloudfront.control.settings import read_deploy_seconds
from thumbpipe_localstack.cloudfront.control.tags import read_tags
from thumbpipe_localstack.cloudfront.control.versions import require_match
from thumbpipe_localstack.cloudfront.location import domain_name_of
from thumbpipe_localstack.cloudfront.registry import store_of
from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Distribution

_MOST: Final = 500


def find_distribution(context: RequestContext, distribution_id: str) -> Distribution:
    """Return a distribution of the caller's account.

    Raises:
        CommonServiceException: `NoSuchDistribution`.
    """
    found = store_of(context.account_id).distributions.get(distribution_id)
    if found is None:
        raise fault("NoSuchDistribution", "The specified distribution does not exist.")
    return found


def status_of(distribution: Distribution) -> str:
    """Return `InProgress` until the last change is deployed, then `Deployed`."""
    return "Deployed" if time.time() >= distribution.deployed_at else "InProgress"


def _list_active_keys(store: CloudFrontStore, distribution: Distribution) -> Answer:
    """Return the trusted key groups of all behaviours, with their public keys."""
    trusted = {
        group: store.key_groups[group].config["Items"]
        for behavior in usage.behaviors(distribution.config)
        for group in usage.items(behavior, "TrustedKeyGroups")
    }
    listed = [
        {"KeyGroupId": group, "KeyPairIds": {"Quantity": len(keys), "Items": keys}} for group, keys in trusted.items()
    ]
    return {"Enabled": bool(listed), "Quantity": len(listed)} | ({"Items": listed} if listed else {})


def view(distribution: Distribution) -> Answer:
    """Return a distribution as responses represent it."""
    aliases = usage.items(distribution.config, "Aliases")
    shown: Answer = {
        "Id": distribution.id,
        "ARN": distribution.arn,
        "Status": status_of(distribution),
        "LastModifiedTime": as_time(distribution.modified),
        "InProgressInvalidationBatches": 0,
        "DomainName": distribution.domain_name,
        "ActiveTrustedSigners": {"Enabled": False, "Quantity": 0},
        "ActiveTrustedKeyGroups": _list_active_keys(store_of(distribution.account_id), distribution),
        "DistributionConfig": distribution.config,
    }
    if aliases:
        shown["AliasICPRecordals"] = [{"CNAME": alias, "ICPRecordalStatus": "APPROVED"} for alias in aliases]
    return shown


def check(store: CloudFrontStore, config: dict[str, Any], own: Distribution | None) -> dict[str, Any]:
    """Validate a configuration and return it with its defaults.

    Args:
        store: The account's.
        config: What the caller sent.
        own: The distribution that is updated, None for a new one.
    """
    kept = with_defaults(config)
    refuse_unsupported(kept)
    check_origins(store, kept)
    check_behaviors(store, kept)
    check_viewers(kept, own)
    return kept


def change(distribution: Distribution, config: dict[str, Any]) -> None:
    """Replace a distribution's configuration by a validated one."""
    distribution.config = config
    distribution.etag = new_etag()
    distribution.modified = time.time()
    distribution.deployed_at = distribution.modified + read_deploy_seconds()


def _refuse_another(store: CloudFrontStore, reference: str) -> None:
    if len(store.distributions) >= _MOST:
        raise fault("TooManyDistributions", f"Your request would exceed the maximum number of distributions: {_MOST}.")
    for other in store.distributions.values():
        if other.config["CallerReference"] == reference:
            raise fault(
                "DistributionAlreadyExists",
                "The caller reference that you are using to create a distribution is associated with another"
                f" distribution. Already exists: {other.id}",
            )


def _create(context: RequestContext, config: dict[str, Any], tags: dict[str, str]) -> Answer:
    store = store_of(context.account_id)
    _refuse_another(store, config["CallerReference"])
    kept = check(store, config, None)
    distribution_id, now = new_entity_id(), time.time()
    distribution = Distribution(
        id=distribution_id,
        arn=f"arn:{context.partition}:cloudfront::{context.account_id}:distribution/{distribution_id}",
        etag=new_etag(),
        config=kept,
        created=now,
        modified=now,
        account_id=context.account_id,
        domain_name=domain_name_of(distribution_id),
        deployed_at=now + read_deploy_seconds(),
        tags=tags,
    )
    store.distributions[distribution_id] = distribution
    location = f"https://cloudfront.amazonaws.com/2020-05-31/distribution/{distribution_id}"
    return {"Distribution": view(distribution), "Location": location, "ETag": distribution.etag}


def _create_plain(context: RequestContext, request: dict[str, Any]) -> Answer:
    return _create(context, request["DistributionConfig"], {})


def _create_with_tags(context: RequestContext, request: dict[str, Any]) -> Answer:
    given = request["DistributionConfigWithTags"]
    return _create(context, given["DistributionConfig"], read_tags(given["Tags"]))


def _get(context: RequestContext, request: dict[str, Any]) -> Answer:
    distribution = find_distribution(context, request["Id"])
    return {"Distribution": view(distribution), "ETag": distribution.etag}


def _get_config(context: RequestContext, request: dict[str, Any]) -> Answer:
    distribution = find_distribution(context, request["Id"])
    return {"DistributionConfig": distribution.config, "ETag": distribution.etag}


def _update(context: RequestContext, request: dict[str, Any]) -> Answer:
    distribution = find_distribution(context, request["Id"])
    require_match(distribution.etag, request.get("IfMatch"))
    config = request["DistributionConfig"]
    if config["CallerReference"] != distribution.config["CallerReference"]:
        raise fault("IllegalUpdate", "The update contains modifications that are not allowed: CallerReference.")
    change(distribution, check(store_of(context.account_id), config, distribution))
    return {"Distribution": view(distribution), "ETag": distribution.etag}


def _delete(context: RequestContext, request: dict[str, Any]) -> Answer:
    store = store_of(context.account_id)
    distribution = find_distribution(context, request["Id"])
    require_match(distribution.etag, request.get("IfMatch"))
    if distribution.config["Enabled"] or status_of(distribution) != "Deployed":
        raise fault("DistributionNotDisabled", "The distribution you are trying to delete has not been disabled.")
    del store.distributions[distribution.id]
    store.invalidations.pop(distribution.id, None)
    return {}


OPERATIONS: Final[dict[str, Operation]] = {
    "CreateDistribution": _create_plain,
    "CreateDistributionWithTags": _create_with_tags,
    "GetDistribution": _get,
    "GetDistributionConfig": _get_config,
    "UpdateDistribution": _update,
    "DeleteDistribution": _delete,
}
