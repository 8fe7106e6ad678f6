"""A separate stack with signed URLs: which requests are refused, and that URLs survive a key rotation."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from support.pipeline_client import Image, PipelineClient
from support.sockets import assert_on_loopback_alone
from support.stack import Stack
from support.waiting import wait_until
from thumbpipe_devkit.aws import client
from thumbpipe_devkit.errors import KeysUnchangedError
from thumbpipe_devkit.keys.parameter import KeyParameter
from thumbpipe_devkit.keys.rotation import GALLERY_KEEPS_S, Rotation
from thumbpipe_devkit.keys.session import RunningDeployment
from thumbpipe_devkit.runs import running_file
from thumbpipe_devkit.stack.lifecycle import Stack as DevkitStack

PHOTOS: Final = 4
ENDED_WITHIN_S: Final = 240


@pytest.fixture(scope="module")
def images(signed_pipeline: PipelineClient, jpeg: bytes) -> list[Image]:
    ids = [signed_pipeline.upload(f"{number}.jpg", jpeg) for number in range(PHOTOS)]
    return [signed_pipeline.ready(image_id) for image_id in ids]


@pytest.fixture
def image(signed_pipeline: PipelineClient, images: list[Image]) -> Image:
    """One of them, with URLs that are good for a while."""
    shown: Image = signed_pipeline.show(images[0]["id"]).json()
    return shown


def key_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["Key-Pair-Id"][0]


def urls_of(image: Image) -> list[str]:
    return [*(rendition["url"] for rendition in image["renditions"]), image["original_url"]]


def test_signed_urls_are_served_from_the_cache_of_all(signed_stack: Stack, image: Image, jpeg: bytes) -> None:
    for url in urls_of(image):
        assert signed_stack.http.get(url).status_code == 200
    assert signed_stack.http.get(urls_of(image)[0]).headers["x-cache"] == "Hit from cloudfront"
    assert signed_stack.http.get(image["original_url"]).content == jpeg


def test_every_socket_of_a_signed_stack_is_on_loopback(signed_stack: Stack, image: Image) -> None:
    assert signed_stack.http.get(image["original_url"]).status_code == 200

    sockets = assert_on_loopback_alone(os.getpid(), least=5)

    assert urlsplit(signed_stack.endpoint_url).port in {each.port for each in sockets}


def test_a_url_stays_the_same_so_that_a_browser_can_keep_what_it_got(
    signed_pipeline: PipelineClient, images: list[Image]
) -> None:
    def two_looks() -> list[Image]:
        return [signed_pipeline.show(images[1]["id"]).json() for _ in range(2)]

    # A window may end between the two looks.
    wait_until("two equal answers", lambda: (looks := two_looks())[0] == looks[1], within_s=5)


def test_an_unsigned_url_is_refused_cached_or_not(signed_stack: Stack, image: Image) -> None:
    for url in urls_of(image):
        signed_stack.http.get(url)
        answer = signed_stack.http.get(url.partition("?")[0])
        assert answer.status_code == 403
        assert "MissingKey" in answer.text
    unknown = f"{signed_stack.api_url}/thumbs/01ARZ3NDEKTSV4RRFFQ69G5FAV/0a1b2c3d/160.webp"
    assert signed_stack.http.get(unknown).status_code == 403


def test_an_expired_url_is_refused_cached_or_not(signed: DevkitStack, signed_stack: Stack, image: Image) -> None:
    """Signed here with the gallery's key, by botocore, for a time that is over and for one that is not."""
    name = signed.outputs["signing_key_parameter"]
    value = signed_stack.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    found = json.loads(value)
    key = load_pem_private_key(found["private_key"].encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    # botocore's signer states no algorithm, and without one CloudFront takes SHA-1.
    signer = CloudFrontSigner(found["key_id"], lambda message: key.sign(message, ec.ECDSA(SHA1())))  # noqa: S303
    for url in urls_of(image):
        plain = url.partition("?")[0]
        statuses = {}
        for seconds in (60, -1, -3600):
            until = datetime.now(UTC) + timedelta(seconds=seconds)
            signed_url = signer.generate_presigned_url(plain, date_less_than=until)
            statuses[seconds] = signed_stack.http.get(signed_url).status_code
        assert statuses == {60: 200, -1: 403, -3600: 403}


@pytest.mark.parametrize("part", ["Policy", "Expires", "Signature", "Key-Pair-Id", "path"])
def test_a_tampered_url_is_refused(signed_stack: Stack, images: list[Image], image: Image, part: str) -> None:
    for url in urls_of(image):
        address, _, query = url.partition("?")
        fields = dict(pair.split("=", 1) for pair in query.split("&"))
        if part == "path":
            address = address.replace(image["id"], images[1]["id"])
        elif part in fields:
            middle = len(fields[part]) // 2
            other = "1" if fields[part][middle] != "1" else "2"
            fields[part] = fields[part][:middle] + other + fields[part][middle + 1 :]
        else:
            continue
        changed = f"{address}?{'&'.join(f'{name}={value}' for name, value in fields.items())}"
        assert signed_stack.http.get(changed).status_code == 403, changed


def test_a_signature_for_thumbnails_is_not_valid_for_originals(signed_stack: Stack, image: Image, jpeg: bytes) -> None:
    thumbnail, original = image["renditions"][0]["url"], image["original_url"]
    query = thumbnail.partition("?")[2]
    plain = original.partition("?")[0]
    target = plain.removeprefix(signed_stack.api_url)
    for path in (target, f"/thumbs/{image['id']}/..{target}", f"/thumbs/{image['id']}/../..{target}"):
        answer = signed_stack.raw("GET", f"{path}?{query}")
        # With dots, the request is for an object below thumbs/ that does not exist.
        assert answer.status == (403 if path == target else 404)
        assert answer.body != jpeg


def test_the_page_and_the_api_need_no_signature(signed_stack: Stack) -> None:
    for path in ("/", "/js/main.js", "/config.json", "/api/images"):
        assert signed_stack.http.get(signed_stack.api_url + path).status_code == 200


def keys(stack: DevkitStack, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "thumbpipe_devkit", "keys", *arguments, "--run", stack.run.name],
        capture_output=True,
        text=True,
        timeout=ENDED_WITHIN_S,
        check=False,
    )


def private_keys(stack: Stack, parameter: str) -> Iterator[str]:
    history = stack.client("ssm").get_parameter_history(Name=parameter, WithDecryption=True)["Parameters"]
    return (json.loads(version["Value"])["private_key"] for version in history)


def test_keys_change_in_the_middle_of_a_listing_without_a_broken_picture(
    signed: DevkitStack, signed_stack: Stack, signed_pipeline: PipelineClient, images: list[Image]
) -> None:
    first = signed_pipeline.page(limit=PHOTOS // 2).json()
    before = {key_of(url) for image in first["items"] for url in urls_of(image)}

    rotated = keys(signed, "rotate")
    assert rotated.returncode == 0, rotated.stdout + rotated.stderr

    second = signed_pipeline.page(limit=PHOTOS // 2, cursor=first["next_cursor"]).json()
    shown = [*first["items"], *second["items"]]
    assert {image["id"] for image in shown} == {image["id"] for image in images}
    assert [signed_stack.http.get(url).status_code for image in shown for url in urls_of(image)] == [200] * sum(
        len(urls_of(image)) for image in shown
    )

    # While what the older pair signed is good, it cannot be given up.
    refused = keys(signed, "rotate")
    assert refused.returncode == 1
    assert KeysUnchangedError.title in refused.stderr
    assert "valid until" in refused.stderr

    def signed_anew() -> Image | None:
        image: Image = signed_pipeline.show(images[0]["id"]).json()
        return image if key_of(image["original_url"]) not in before else None

    anew = wait_until("the new pair to be used", signed_anew, within_s=GALLERY_KEEPS_S)
    assert [signed_stack.http.get(url).status_code for url in urls_of(anew)] == [200] * len(urls_of(anew))


def test_an_older_pair_that_is_not_needed_any_more_is_retired(
    signed: DevkitStack, signed_stack: Stack, signed_pipeline: PipelineClient, images: list[Image]
) -> None:
    refused = keys(signed, "retire")
    assert refused.returncode == 1
    assert "valid until" in refused.stderr
    cloudfront = signed_stack.client("cloudfront")
    assert cloudfront.list_public_keys()["PublicKeyList"]["Quantity"] == 2

    retire_in_an_hour(signed)
    assert cloudfront.list_public_keys()["PublicKeyList"]["Quantity"] == 1
    shown = signed_pipeline.show(images[0]["id"]).json()
    assert [signed_stack.http.get(url).status_code for url in urls_of(shown)] == [200] * len(urls_of(shown))
    told = keys(signed, "show")
    assert "older   none" in told.stdout


def retire_in_an_hour(signed: DevkitStack) -> None:
    """Do what the command does, by a clock that is an hour fast: what is signed in this stack lives for minutes."""
    told = running_file.named(signed.run.name)
    assert told is not None
    ssm = client("ssm", signed.endpoint_url, signed.outputs["region"], signed.credentials)
    parameter = KeyParameter(ssm, signed.outputs["signing_key_parameter"])
    deployment = RunningDeployment(signed.workspace, told, signed.steps)
    Rotation(deployment, parameter, signed.steps.say, now=lambda: time.time() + 3600).retire(wait=False)


def test_no_private_key_is_in_a_state_a_plan_a_log_or_any_file(signed: DevkitStack, signed_stack: Stack) -> None:
    secrets = [
        line for pem in private_keys(signed_stack, signed.outputs["signing_key_parameter"]) for line in lines(pem)
    ]
    assert secrets  # of one pair, or of two, as the tests happen to be dealt out
    public = signed.workspace.variables()["signing_public_keys"]
    files = [path for folder in (signed.run.folder, signed.run.logs) for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "terraform.tfstate" for path in files)
    assert any(path.name == "terraform.log" for path in files)
    found = {path: path.read_bytes() for path in files}
    # The search would find a key: it finds the public ones.
    body = next(iter(public.values())).splitlines()[1].encode()
    assert any(body in content for content in found.values())
    for path, content in found.items():
        assert not [path for secret in secrets if secret.encode() in content], path


def lines(pem: str) -> list[str]:
    """The lines of a key that are like no other's: all PKCS #8 keys of a kind begin alike."""
    return [line for line in pem.splitlines() if "-----" not in line]


def test_nothing_but_the_gallery_reads_the_signing_key(signed: DevkitStack, signed_stack: Stack) -> None:
    name = signed.outputs["signing_key_parameter"]
    for function, arn in signed_stack.role_arns.items():
        credentials = signed_stack.client("sts").assume_role(RoleArn=arn, RoleSessionName="e2e")["Credentials"]
        ssm = signed_stack.client("ssm", credentials)
        if function == "gallery":
            assert ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Type"] == "SecureString"
        else:
            with pytest.raises(ssm.exceptions.ClientError, match="AccessDenied"):
                ssm.get_parameter(Name=name, WithDecryption=True)


def test_a_second_plan_changes_nothing_after_the_keys_did(signed: DevkitStack) -> None:
    with signed.steps.step("a plan after the rotation") as step:
        assert signed.workspace.plan(step) == ()
