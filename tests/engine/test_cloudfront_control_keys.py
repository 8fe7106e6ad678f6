"""Public keys and key groups by boto3."""

import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support.distributions import make_behavior, make_config, make_name, refused, some

Config = dict[str, Any]
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


def to_pem(key: PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def make_rsa(bits: int = 2048) -> str:
    return to_pem(rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key())


def make_key(pem: str, **changes: str) -> Config:
    return {"CallerReference": uuid.uuid4().hex, "Name": make_name("key"), "EncodedKey": pem, "Comment": ""} | changes


# boto3 makes its clients at run time.
def create_key(cloudfront: Any) -> Config:  # noqa: ANN401
    created: Config = cloudfront.create_public_key(PublicKeyConfig=make_key(make_rsa()))
    return created


def test_a_public_key_keeps_its_pem_and_changes_its_comment_only(cloudfront: Any) -> None:  # noqa: ANN401
    created = create_key(cloudfront)
    key_id, config = created["PublicKey"]["Id"], created["PublicKey"]["PublicKeyConfig"]
    version = {"Id": key_id, "IfMatch": created["ETag"]}
    other = config | {"EncodedKey": make_rsa()}

    refusal = refused(cloudfront.update_public_key, PublicKeyConfig=other, **version)
    updated = cloudfront.update_public_key(PublicKeyConfig=config | {"Comment": "old"}, **version)
    shown = cloudfront.get_public_key(Id=key_id)["PublicKey"]
    listed = cloudfront.list_public_keys()["PublicKeyList"]["Items"]

    assert key_id.startswith("K")
    assert refusal == ("CannotChangeImmutablePublicKeyFields", 400)
    assert shown["PublicKeyConfig"] == config | {"Comment": "old"}
    assert [each["EncodedKey"] for each in listed if each["Id"] == key_id] == [config["EncodedKey"]]
    cloudfront.delete_public_key(Id=key_id, IfMatch=updated["ETag"])
    assert refused(cloudfront.get_public_key, Id=key_id) == ("NoSuchPublicKey", 404)


def test_rsa_2048_and_p256_are_accepted(cloudfront: Any) -> None:  # noqa: ANN401
    curve = to_pem(ec.generate_private_key(ec.SECP256R1()).public_key())

    for pem in (make_rsa(), curve):
        assert cloudfront.create_public_key(PublicKeyConfig=make_key(pem))["PublicKey"]["Id"]


@pytest.mark.parametrize(
    "pem",
    [
        "no key",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n",
        make_rsa(1024),
        make_rsa(4096),
        to_pem(ec.generate_private_key(ec.SECP384R1()).public_key()),
        to_pem(ed25519.Ed25519PrivateKey.generate().public_key()),
    ],
    ids=["text", "broken", "RSA 1024", "RSA 4096", "P-384", "Ed25519"],
)
def test_other_keys_are_refused(cloudfront: Any, pem: str) -> None:  # noqa: ANN401
    assert refused(cloudfront.create_public_key, PublicKeyConfig=make_key(pem)) == ("InvalidArgument", 400)


def test_a_name_and_a_caller_reference_are_for_one_key(cloudfront: Any) -> None:  # noqa: ANN401
    config = create_key(cloudfront)["PublicKey"]["PublicKeyConfig"]
    same_name, same_reference = make_key(make_rsa(), Name=config["Name"]), config | {"Name": make_name("key")}

    assert refused(cloudfront.create_public_key, PublicKeyConfig=same_name) == ("PublicKeyAlreadyExists", 409)
    assert refused(cloudfront.create_public_key, PublicKeyConfig=same_reference) == ("PublicKeyAlreadyExists", 409)


def test_a_key_group_keeps_its_keys_and_a_distribution_its_group(cloudfront: Any) -> None:  # noqa: ANN401
    first, second = create_key(cloudfront), create_key(cloudfront)
    ids = [first["PublicKey"]["Id"], second["PublicKey"]["Id"]]
    group = cloudfront.create_key_group(KeyGroupConfig={"Name": make_name("group"), "Items": ids})
    group_id = group["KeyGroup"]["Id"]
    trusted = make_behavior(TrustedKeyGroups={"Enabled": True, **some(group_id)})
    made = cloudfront.create_distribution(DistributionConfig=make_config(DefaultCacheBehavior=trusted, Enabled=False))
    distribution = made["Distribution"]

    assert distribution["ActiveTrustedKeyGroups"] == {
        "Enabled": True,
        **some({"KeyGroupId": group_id, "KeyPairIds": some(*ids)}),
    }
    assert refused(cloudfront.delete_public_key, Id=ids[0], IfMatch=first["ETag"]) == ("PublicKeyInUse", 409)
    assert refused(cloudfront.delete_key_group, Id=group_id, IfMatch=group["ETag"]) == ("ResourceInUse", 409)
    using = cloudfront.list_distributions_by_key_group(KeyGroupId=group_id)["DistributionIdList"]
    assert using["Items"] == [distribution["Id"]]

    config = group["KeyGroup"]["KeyGroupConfig"] | {"Items": ids[1:]}
    updated = cloudfront.update_key_group(Id=group_id, IfMatch=group["ETag"], KeyGroupConfig=config)
    cloudfront.delete_public_key(Id=ids[0], IfMatch=first["ETag"])
    active = cloudfront.get_distribution(Id=distribution["Id"])["Distribution"]["ActiveTrustedKeyGroups"]
    assert active["Items"][0]["KeyPairIds"]["Items"] == ids[1:]

    cloudfront.get_waiter("distribution_deployed").wait(Id=distribution["Id"], WaiterConfig={"Delay": 1})
    cloudfront.delete_distribution(Id=distribution["Id"], IfMatch=made["ETag"])
    cloudfront.delete_key_group(Id=group_id, IfMatch=updated["ETag"])
    assert refused(cloudfront.get_key_group, Id=group_id) == ("NoSuchResource", 404)


def test_key_groups_are_refused(cloudfront: Any) -> None:  # noqa: ANN401
    key_id = create_key(cloudfront)["PublicKey"]["Id"]

    def create(*items: str, name: str | None = None) -> object:
        return cloudfront.create_key_group(KeyGroupConfig={"Name": name or make_name(), "Items": list(items)})

    assert refused(lambda: create("K0")) == ("InvalidArgument", 400)
    assert refused(create) == ("InvalidArgument", 400)
    assert refused(lambda: create(key_id, key_id)) == ("InvalidArgument", 400)
    assert refused(lambda: create(*(f"K{each}" for each in range(6)))) == ("TooManyPublicKeysInKeyGroup", 400)
    name = make_name()
    create(key_id, name=name)
    assert refused(lambda: create(key_id, name=name)) == ("KeyGroupAlreadyExists", 409)
