"""Origin access controls: how requests to an origin are signed."""

from typing import Any, Final

from thumbpipe_localstack.cloudfront.control import usage
from thumbpipe_localstack.cloudfront.control.errors import unsupported
from thumbpipe_localstack.cloudfront.control.ids import new_entity_id
from thumbpipe_localstack.cloudfront.control.names import require_name
from thumbpipe_localstack.cloudfront.control.resources import Kind
from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Stored


def _check(store: CloudFrontStore, config: dict[str, Any], resource: Stored | None) -> dict[str, Any]:
    if config["OriginAccessControlOriginType"] != "s3":
        raise unsupported("origin access controls for anything but S3")
    require_name(config, store.origin_access_controls, resource, "OriginAccessControlAlreadyExists", allowed="-_. ")
    return {"Description": "", **config}


def _summarize(_kind: Kind, resource: Stored) -> dict[str, Any]:
    return {"Id": resource.id, **resource.config}


ACCESS_CONTROL: Final = Kind(
    name="OriginAccessControl",
    plural="OriginAccessControls",
    path="origin-access-control",
    collection=lambda store: store.origin_access_controls,
    new_id=new_entity_id,
    time_member=None,
    check=_check,
    users=lambda store, access_control_id: usage.ids(usage.by_access_control(store, access_control_id)),
    in_use="OriginAccessControlInUse",
    missing="NoSuchOriginAccessControl",
    limit=(100, "TooManyOriginAccessControls"),
    summarize=_summarize,
)
