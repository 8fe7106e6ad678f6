"""Public keys and key groups."""

from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from thumbpipe_localstack.cloudfront.control import usage
from thumbpipe_localstack.cloudfront.control.errors import fault, invalid_argument
from thumbpipe_localstack.cloudfront.control.ids import new_key_id, new_uuid
from thumbpipe_localstack.cloudfront.control.names import require_name
from thumbpipe_localstack.cloudfront.control.resources import Kind, as_time
from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Stored

_RSA_BITS: Final = 2048
_KEYS_OF_A_GROUP: Final = 5
_IMMUTABLE: Final = ("CallerReference", "Name", "EncodedKey")


def _require_usable(encoded: str) -> None:
    """Reject keys other than RSA with 2048 bits and ECDSA on P-256."""
    try:
        key = load_pem_public_key(encoded.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        raise invalid_argument("Your request contains empty/invalid/out of limits RSA Encoded Key") from None
    is_rsa = isinstance(key, rsa.RSAPublicKey) and key.key_size == _RSA_BITS
    is_ecdsa = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    if not (is_rsa or is_ecdsa):
        raise invalid_argument("The public key must be an RSA key of 2048 bits or an ECDSA key on the curve P-256.")


def _check_key(store: CloudFrontStore, config: dict[str, Any], resource: Stored | None) -> dict[str, Any]:
    kept = {"Comment": "", **config}
    if resource is not None:
        if any(kept[member] != resource.config[member] for member in _IMMUTABLE):
            raise fault(
                "CannotChangeImmutablePublicKeyFields",
                "You can't change the value of a public key: only its comment can be changed.",
            )
        return kept
    _require_usable(kept["EncodedKey"])
    require_name(kept, store.public_keys, resource, "PublicKeyAlreadyExists")
    if any(other.config["CallerReference"] == kept["CallerReference"] for other in store.public_keys.values()):
        raise fault(
            "PublicKeyAlreadyExists", "The caller reference that you are using is associated with another public key."
        )
    return kept


def _check_group(store: CloudFrontStore, config: dict[str, Any], resource: Stored | None) -> dict[str, Any]:
    keys = config.get("Items") or []
    if not keys:
        raise invalid_argument("A key group must contain at least one public key.")
    if len(keys) > _KEYS_OF_A_GROUP:
        raise fault("TooManyPublicKeysInKeyGroup", f"A key group can have at most {_KEYS_OF_A_GROUP} public keys.")
    if len(set(keys)) < len(keys):
        raise invalid_argument("A key group must not contain duplicate public keys.")
    unknown = [key for key in keys if key not in store.public_keys]
    if unknown:
        raise invalid_argument(f"One or more of the public keys in the key group do not exist: {', '.join(unknown)}.")
    require_name(config, store.key_groups, resource, "KeyGroupAlreadyExists")
    return {"Comment": "", **config}


def _groups_of(store: CloudFrontStore, key_id: str) -> list[str]:
    return [group.id for group in store.key_groups.values() if key_id in group.config["Items"]]


def _summarize_key(_kind: Kind, resource: Stored) -> dict[str, Any]:
    shown = {member: resource.config[member] for member in ("Name", "EncodedKey", "Comment")}
    return {"Id": resource.id, "CreatedTime": as_time(resource.created), **shown}


PUBLIC_KEY: Final = Kind(
    name="PublicKey",
    plural="PublicKeys",
    path="public-key",
    collection=lambda store: store.public_keys,
    new_id=new_key_id,
    time_member="CreatedTime",
    check=_check_key,
    users=_groups_of,
    in_use="PublicKeyInUse",
    missing="NoSuchPublicKey",
    limit=(100, "TooManyPublicKeys"),
    summarize=_summarize_key,
)

KEY_GROUP: Final = Kind(
    name="KeyGroup",
    plural="KeyGroups",
    path="key-group",
    collection=lambda store: store.key_groups,
    new_id=new_uuid,
    time_member="LastModifiedTime",
    check=_check_group,
    users=lambda store, group_id: usage.ids(usage.by_key_group(store, group_id)),
    in_use="ResourceInUse",
    missing="NoSuchResource",
    limit=(100, "TooManyKeyGroups"),
    summarize=lambda kind, resource: {"KeyGroup": kind.view(resource)},
)
