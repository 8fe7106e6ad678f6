"""Signatures of npm's `@aws-sdk/cloudfront-signer`, made by Node.js."""

import datetime as dt
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.messages import ViewerRequest
from thumbpipe_localstack.cloudfront.signing.check import AccessRefused, check_access

PACKAGE: Final = "@aws-sdk/cloudfront-signer@3"
HOST: Final = "d111.cloudfront.localhost:4566"
URL: Final = f"http://{HOST}/thumbs/a.jpg?width=320"
VALID_SECONDS: Final = 600
SCRIPT: Final = """
const { getSignedUrl, getSignedCookies } = require("@aws-sdk/cloudfront-signer");
const inputs = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const sign = ({ cookies, ...input }) => (cookies ? getSignedCookies(input) : getSignedUrl(input));
process.stdout.write(JSON.stringify(inputs.map(sign)));
"""

Input = dict[str, Any]


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package; none where there is no Node.js or no registry."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node.js is not installed")
    folder = tmp_path_factory.mktemp("signer")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), PACKAGE]
    try:
        installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm's registry does not answer")
    if installed.returncode:
        pytest.skip(f"npm cannot install {PACKAGE}: {installed.stderr[-300:]}")
    return folder


def sign(folder: Path, *inputs: Input) -> list[Any]:
    node = shutil.which("node") or "node"
    done = subprocess.run(
        [node, "-e", SCRIPT],
        cwd=folder,
        input=json.dumps(inputs),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    signed: list[Any] = json.loads(done.stdout)
    return signed


def make_key(kind: str) -> tuple[str, str]:
    """Return the PEMs of a new private and its public key."""
    key = (
        ec.generate_private_key(ec.SECP256R1())
        if kind == "ECDSA"
        else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def ask(url: str, cookies: dict[str, Any] | None = None) -> ViewerRequest:
    target, _, query = url.partition("?")
    headers = Headers([("Host", HOST)])
    if cookies:
        headers.add("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()))
    return ViewerRequest(
        method="GET",
        scheme="https",
        host=HOST.partition(":")[0],
        path=target.partition(HOST)[2],
        query=query,
        headers=headers,
        body=b"",
        client_ip="127.0.0.1",
        http_version="HTTP/1.1",
        received_at=time.time(),
        request_id="r",
        authority=HOST,
    )


def is_admitted(request: ViewerRequest, public: str) -> bool:
    try:
        return check_access(request, {"K1": public}, now=time.time()).query == "width=320"
    except AccessRefused:
        return False


@pytest.mark.parametrize("algorithm", ["SHA1", "SHA256"])
@pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
def test_urls_and_cookies_of_the_javascript_sdk_pass(signer: Path, kind: str, algorithm: str) -> None:
    private, public = make_key(kind)
    _, other = make_key(kind)
    ends = int(time.time()) + VALID_SECONDS
    until = dt.datetime.fromtimestamp(ends, dt.UTC).isoformat()
    policy = json.dumps(
        {"Statement": [{"Resource": f"http://{HOST}/thumbs/*", "Condition": {"DateLessThan": {"AWS:EpochTime": ends}}}]}
    )
    base = {"keyPairId": "K1", "privateKey": private, "algorithm": algorithm, "url": URL}
    canned = base | {"dateLessThan": until}
    custom = canned | {"dateGreaterThan": "2020-01-01T00:00:00Z", "ipAddress": "127.0.0.0/8"}
    written = base | {"policy": policy}

    *urls, canned_cookies, custom_cookies = sign(
        signer, canned, custom, written, canned | {"cookies": True}, written | {"cookies": True}
    )

    assert "Policy=" not in urls[0]
    assert "Policy=" in urls[1]
    for request in [*map(ask, urls), ask(URL, canned_cookies), ask(URL, custom_cookies)]:
        assert is_admitted(request, public)
        assert not is_admitted(request, other)
    assert not is_admitted(ask(URL.replace("/thumbs/", "/raw/"), custom_cookies), public)


def test_an_expired_url_of_the_javascript_sdk_is_refused(signer: Path) -> None:
    private, public = make_key("RSA")
    base = {"keyPairId": "K1", "privateKey": private, "url": URL}

    over, early, elsewhere = sign(
        signer,
        base | {"dateLessThan": "2020-01-01T00:00:00Z"},
        base | {"dateLessThan": "2100-01-01T00:00:00Z", "dateGreaterThan": "2099-01-01T00:00:00Z"},
        base | {"dateLessThan": "2100-01-01T00:00:00Z", "ipAddress": "192.0.2.0/24"},
    )

    assert not any(is_admitted(ask(url), public) for url in (over, early, elsewhere))
