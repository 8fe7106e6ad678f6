"""A distribution that serves only what a trusted key signed, cached or not."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any, Final

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from support.cloudfront_edge import Edge, OriginServer, Page, before_origin, running_origin
from support.distributions import some
from support.plugin_engine import Engine

PATH: Final = "/photo.jpg"


@pytest.fixture(scope="module")
def origin() -> Iterator[OriginServer]:
    with running_origin() as server:
        server.pages[PATH] = Page(b"photo", headers={"Cache-Control": "max-age=600"})
        yield server


class Key:
    """A key pair whose public key is in CloudFront, in a separate key group."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        pem = self._private.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
        name = f"k-{uuid.uuid4().hex[:12]}"
        config = {"CallerReference": name, "Name": name, "EncodedKey": pem}
        self.id = client.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"]
        group = {"Name": name, "Items": [self.id]}
        self.group = client.create_key_group(KeyGroupConfig=group)["KeyGroup"]["Id"]

    def sign(self, edge: Edge, path: str = PATH, seconds: float = 60) -> str:
        """Return the path of a signed URL."""
        until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
        signer = CloudFrontSigner(self.id, self._sign)
        url = str(signer.generate_presigned_url(f"http://{edge.host}{path}", date_less_than=until))
        return url.partition(edge.host)[2]

    def _sign(self, message: bytes) -> bytes:
        return self._private.sign(message, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - CloudFront's own


@pytest.fixture(scope="module")
def key(engine: Engine) -> Key:
    return Key(engine.client("cloudfront"))


@pytest.fixture(scope="module")
def edge(engine: Engine, origin: OriginServer, key: Key) -> Edge:
    return before_origin(engine, origin, TrustedKeyGroups={"Enabled": True, **some(key.group)})


def test_a_signed_url_is_served_and_cached_without_its_signature(edge: Edge, origin: OriginServer, key: Key) -> None:
    before = origin.count(PATH)

    first, second = edge.ask(key.sign(edge)), edge.ask(key.sign(edge, seconds=90))

    assert (first.status, first.body) == (200, b"photo")
    assert (second.status, second.cache) == (200, "Hit")
    assert origin.count(PATH) <= before + 1
    assert all("Signature" not in asked.target for asked in origin.asked)


def test_an_unsigned_request_is_refused_even_if_the_object_is_cached(edge: Edge, key: Key) -> None:
    signed = key.sign(edge)
    assert edge.ask(signed).status == 200
    other = signed[:-1] + ("A" if signed[-1] != "A" else "B")
    at = signed.index("Signature=") + len("Signature=")
    tampered = signed[:at] + ("A" if signed[at] != "A" else "B") + signed[at + 1 :]

    refused = {
        "MissingKey": edge.ask(PATH),
        "InvalidKey": edge.ask(other),
        "AccessDenied": edge.ask(tampered),
    }

    for code, answer in refused.items():
        assert answer.status == 403
        assert answer.headers["Content-Type"] == "text/xml"
        assert answer.headers["X-Cache"] == "Error from cloudfront"
        assert f"<Code>{code}</Code>".encode() in answer.body
    for refusal in (key.sign(edge, seconds=-1), signed.replace(PATH, "/other.jpg"), f"{signed}&more=1"):
        assert edge.ask(refusal).status == 403


def test_signed_cookies_are_served(edge: Edge, key: Key) -> None:
    parts = dict(pair.split("=", 1) for pair in key.sign(edge).partition("?")[2].split("&"))

    answer = edge.ask(PATH, Cookie="; ".join(f"CloudFront-{name}={value}" for name, value in parts.items()))

    assert (answer.status, answer.body) == (200, b"photo")


def test_a_second_key_is_accepted_along_with_the_first_until_that_is_retired(
    engine: Engine, origin: OriginServer
) -> None:
    client = engine.client("cloudfront")
    old, new = Key(client), Key(client)
    edge = before_origin(engine, origin, TrustedKeyGroups={"Enabled": True, **some(old.group)})
    assert edge.ask(old.sign(edge)).status == 200
    assert edge.ask(new.sign(edge)).status == 403

    def change(items: list[str]) -> None:
        etag = client.get_key_group(Id=old.group)["ETag"]
        client.update_key_group(Id=old.group, IfMatch=etag, KeyGroupConfig={"Name": old.group, "Items": items})

    change([old.id, new.id])
    assert [edge.ask(key.sign(edge)).status for key in (old, new)] == [200, 200]

    change([new.id])
    assert [edge.ask(key.sign(edge)).status for key in (old, new)] == [403, 200]
