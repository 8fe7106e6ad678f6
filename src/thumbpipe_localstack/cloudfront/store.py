"""CloudFront's state: one store per account, saved and loaded with LocalStack's own state.

Configurations are stored in the form of botocore's model (`DistributionConfig`, `CachePolicyConfig`, …), so that no
setting is lost or renamed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from localstack.services.stores import AccountRegionBundle, BaseStore, CrossRegionAttribute

from thumbpipe_localstack.cloudfront.managed_policies.cache_policies import CACHE_POLICIES
from thumbpipe_localstack.cloudfront.managed_policies.origin_request_policies import ORIGIN_REQUEST_POLICIES
from thumbpipe_localstack.cloudfront.managed_policies.response_headers_policies import RESPONSE_HEADERS_POLICIES

_MANAGED_SINCE: Final = 1_596_000_000.0  # July 2020, when AWS introduced policies
_MANAGED_ETAG: Final = "E23ZP02F085DFQ"


@dataclass(slots=True, kw_only=True)
class Stored:
    """A resource with an ETag.

    Attributes:
        id: CloudFront's id; for a function, its name.
        arn: Its ARN, or empty if CloudFront has none.
        etag: Changes with each update.
        config: As botocore's model has it.
        created: Seconds since the epoch.
        modified: Seconds since the epoch.
    """

    id: str
    arn: str
    etag: str
    config: dict[str, Any]
    created: float
    modified: float


@dataclass(slots=True, kw_only=True)
class Distribution(Stored):
    """A distribution.

    Attributes:
        account_id: The account that owns it.
        domain_name: CloudFront's name for it.
        deployed_at: When its last change is deployed; its status is `InProgress` before, `Deployed` then.
        tags: Values by key.
    """

    account_id: str
    domain_name: str
    deployed_at: float
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Function(Stored):
    """A function. The inherited attributes describe its DEVELOPMENT stage.

    Attributes:
        code: The source of its DEVELOPMENT stage.
        live_code: The source of its LIVE stage; this and the next are None until it is published.
        live_config: The configuration of its LIVE stage.
        live_etag: The ETag of its LIVE stage.
        live_modified: When it was last published, in seconds since the epoch.
    """

    code: bytes
    live_code: bytes | None = None
    live_config: dict[str, Any] | None = None
    live_etag: str | None = None
    live_modified: float | None = None


@dataclass(slots=True, kw_only=True)
class Invalidation:
    """An invalidation of a distribution."""

    id: str
    distribution_id: str
    caller_reference: str
    paths: list[str]
    created: float


def _managed(configs: Mapping[str, dict[str, Any]]) -> Callable[[], dict[str, Stored]]:
    """Return the factory of a collection that begins with AWS's managed policies."""
    policies = {
        policy_id: Stored(
            id=policy_id, arn="", etag=_MANAGED_ETAG, config=config, created=_MANAGED_SINCE, modified=_MANAGED_SINCE
        )
        for policy_id, config in configs.items()
    }
    return policies.copy


class CloudFrontStore(BaseStore):  # type: ignore[misc] # LocalStack carries no types
    """The state of one account, which has no region. Policies include AWS's managed ones."""

    distributions: dict[str, Distribution] = CrossRegionAttribute(default=dict)
    origin_access_controls: dict[str, Stored] = CrossRegionAttribute(default=dict)
    cache_policies: dict[str, Stored] = CrossRegionAttribute(default=_managed(CACHE_POLICIES))
    origin_request_policies: dict[str, Stored] = CrossRegionAttribute(default=_managed(ORIGIN_REQUEST_POLICIES))
    response_headers_policies: dict[str, Stored] = CrossRegionAttribute(default=_managed(RESPONSE_HEADERS_POLICIES))
    public_keys: dict[str, Stored] = CrossRegionAttribute(default=dict)
    key_groups: dict[str, Stored] = CrossRegionAttribute(default=dict)
    functions: dict[str, Function] = CrossRegionAttribute(default=dict)
    invalidations: dict[str, list[Invalidation]] = CrossRegionAttribute(default=dict)


cloudfront_stores = AccountRegionBundle(
    "cloudfront",
    CloudFrontStore,
    validate=False,  # botocore has no regions for CloudFront, which is global: its state is stored in us-east-1
)
