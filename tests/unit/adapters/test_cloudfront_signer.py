import base64
import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

import pytest
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from fakes.keys import make_key_pem
from thumbpipe.adapters.cloudfront_signer import (
    KEY_KEPT_SECONDS,
    RETRY_SECONDS,
    CloudFrontSigner,
    KeyCache,
    SigningKey,
    SigningKeyError,
)

FOLDER: Final = "https://photos.example.com/thumbs/01ARZ3NDEKTSV4RRFFQ69G5FAV/"
FILE: Final = "https://photos.example.com/raw/a.jpg"
NOON: Final = 1_790_000_000.0


@pytest.fixture(scope="module", params=["ecdsa", "rsa"])
def key(request: pytest.FixtureRequest) -> SigningKey:
    return SigningKey(key_id="K2JCJMDEHXQW5F", private_key=make_key_pem(request.param))


def decoded(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "=").replace("~", "/"))


def verify(key: SigningKey, signature: str, policy: bytes) -> None:
    public: Any = load_pem_private_key(key.private_key.encode(), None).public_key()
    how = (ec.ECDSA(SHA256()),) if isinstance(public, ec.EllipticCurvePublicKey) else (padding.PKCS1v15(), SHA256())
    public.verify(decoded(signature), policy, *how)


def signer(key: SigningKey, at: float = NOON, lifetime: int = 3600) -> CloudFrontSigner:
    return CloudFrontSigner(lambda: key, lifetime_seconds=lifetime, clock=lambda: at)


def test_a_folders_policy_allows_everything_below_it(key: SigningKey) -> None:
    query = parse_qs(signer(key).sign_folder(FOLDER), strict_parsing=True)
    policy = decoded(query["Policy"][0])
    statement = json.loads(policy)["Statement"]
    assert [one["Resource"] for one in statement] == [f"{FOLDER}*"]
    assert list(statement[0]["Condition"]) == ["DateLessThan"]
    assert (query["Key-Pair-Id"], query["Hash-Algorithm"]) == (["K2JCJMDEHXQW5F"], ["SHA256"])
    verify(key, query["Signature"][0], policy)


def test_a_files_policy_is_the_canned_one_that_cloudfront_rebuilds(key: SigningKey) -> None:
    query = parse_qs(signer(key).sign_file(FILE), strict_parsing=True)
    (expires,) = query["Expires"]
    canned = f'{{"Statement":[{{"Resource":"{FILE}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}'
    verify(key, query["Signature"][0], canned.encode())
    assert "Policy" not in query


def test_a_signature_is_valid_for_its_url_only(key: SigningKey) -> None:
    query = parse_qs(signer(key).sign_folder(FOLDER))
    other = decoded(query["Policy"][0]).replace(b"5FAV", b"5FAW")
    with pytest.raises(InvalidSignature):
        verify(key, query["Signature"][0], other)


def test_a_query_needs_no_escaping(key: SigningKey) -> None:
    for at in range(1_790_000_000, 1_790_090_000, 9_000):
        query = signer(key, at).sign_folder(FOLDER)
        assert set(query) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~&=")


@pytest.mark.parametrize("lifetime", [1, 2, 60, 61, 3600, 604_800])
def test_a_url_lives_for_more_than_half_its_lifetime_and_not_more_than_all_of_it(
    key: SigningKey, lifetime: int
) -> None:
    for offset in (0.0, 0.5, lifetime / 4, lifetime / 2 - 0.1, lifetime * 0.7, lifetime * 3.3):
        at = NOON + offset
        expires = int(parse_qs(signer(key, at, lifetime).sign_file(FILE))["Expires"][0])
        assert lifetime / 2 <= expires - int(at) <= lifetime


def test_a_url_stays_the_same_within_a_window_whoever_signs_it(key: SigningKey) -> None:
    start = NOON // 1800 * 1800
    twin = SigningKey(key_id=key.key_id, private_key=key.private_key)
    moments = ((key, start), (twin, start + 1799), (key, start + 1800))
    for first, last, later in (
        [signer(one, at).sign_folder(FOLDER) for one, at in moments],
        [signer(one, at).sign_file(FILE) for one, at in moments],
    ):
        assert first == last
        assert later != first


@pytest.mark.parametrize("text", ["", "PRIVATE", "[]", "7", '{"key_id": "K1"}', '"secret"'])
def test_a_parameter_without_a_key_is_refused_without_revealing_its_text(text: str) -> None:
    with pytest.raises(SigningKeyError) as refused:
        SigningKey.parse(text)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_another_kind_of_key_is_refused() -> None:
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(SigningKeyError, match="RSA 2048 and ECDSA P-256"):
        SigningKey(key_id="K1", private_key=pem.decode()).sign(b"x")


def test_a_key_does_not_show_itself(key: SigningKey) -> None:
    assert "PRIVATE" not in repr(key)


def test_a_rotated_key_is_in_use_within_a_minute_and_rarely_asked_for() -> None:
    now = [0.0]
    stored = ["K1"]
    reads: list[float] = []

    def fetch() -> SigningKey:
        reads.append(now[0])
        return SigningKey(key_id=stored[0], private_key="")

    cached = KeyCache(fetch, clock=lambda: now[0])
    for second in range(120):
        now[0] = float(second)
        if second == 50:
            stored[0] = "K2"
        assert cached().key_id in ({"K1"} if second < 50 else {"K1", "K2"} if second < 110 else {"K2"})
    assert len(reads) <= 3


def test_a_key_is_read_again_when_it_was_kept_long_enough_and_not_before() -> None:
    reads: list[float] = []
    now = [0.0]

    def fetch() -> SigningKey:
        reads.append(now[0])
        return SigningKey(key_id="K1", private_key="x")

    cached = KeyCache(fetch, clock=lambda: now[0])
    for now[0] in (0.0, KEY_KEPT_SECONDS - 0.001, KEY_KEPT_SECONDS, 2 * KEY_KEPT_SECONDS - 0.001):
        cached()
    assert reads == [0.0, KEY_KEPT_SECONDS]


def test_the_same_key_is_not_parsed_again() -> None:
    now = [0.0]
    cached = KeyCache(lambda: SigningKey(key_id="K1", private_key="x"), clock=lambda: now[0])
    first = cached()
    now[0] = 1000.0
    assert cached() is first


@dataclass(kw_only=True)
class Parameter:
    """A parameter whose reads can fail, and the clock of its readers.

    Attributes:
        errors: What the next reads raise; None for a read that succeeds, like all after the last.
    """

    errors: list[Exception | None] = field(default_factory=list)
    key_id: str = "K1"
    now: float = 0.0
    reads: int = 0

    def fetch(self) -> SigningKey:
        self.reads += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        return SigningKey(key_id=self.key_id, private_key="x")


THROTTLED: Final = ClientError({"Error": {"Code": "ThrottlingException"}}, "GetParameter")


@pytest.mark.parametrize("error", [THROTTLED, SigningKeyError("Malformed."), TimeoutError()], ids=type)
def test_a_key_outlives_a_refresh_that_fails(error: Exception) -> None:
    parameter, seen = Parameter(errors=[None, error]), list[Exception]()
    cached = KeyCache(parameter.fetch, clock=lambda: parameter.now, on_error=seen.append)
    cached()
    parameter.now = KEY_KEPT_SECONDS
    assert cached().key_id == "K1"
    assert seen == [error]


def test_a_refresh_that_failed_is_repeated_soon_and_not_with_every_signature() -> None:
    parameter = Parameter(errors=[None, THROTTLED])
    cached = KeyCache(parameter.fetch, clock=lambda: parameter.now)
    cached()
    parameter.key_id = "K2"
    for parameter.now in (KEY_KEPT_SECONDS, KEY_KEPT_SECONDS + RETRY_SECONDS - 0.001):
        assert cached().key_id == "K1"
    assert parameter.reads == 2
    parameter.now = KEY_KEPT_SECONDS + RETRY_SECONDS
    assert cached().key_id == "K2"


def test_a_key_that_was_never_fetched_is_an_error_and_asked_for_again() -> None:
    parameter = Parameter(errors=[THROTTLED])
    cached = KeyCache(parameter.fetch, clock=lambda: parameter.now)
    with pytest.raises(ClientError):
        cached()
    assert cached().key_id == "K1"


def test_cryptography_is_imported_with_the_first_signature_only() -> None:
    program = "import sys, thumbpipe.adapters.cloudfront_signer; print('cryptography' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
