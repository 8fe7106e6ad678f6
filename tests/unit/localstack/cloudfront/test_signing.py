"""Signed URLs and cookies: what a trusted key signed passes, and nothing else does."""

import base64
import datetime as dt
import json
import re
import string
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.messages import ViewerRequest
from thumbpipe_localstack.cloudfront.signing.check import AccessRefused, check_access
from thumbpipe_localstack.cloudfront.signing.encoding import decode, encode

KEY_ID: Final = "K2JCJMDEHXQW5F"
HOST: Final = "d111.cloudfront.localhost:4566"
NOW: Final = 1_700_000_000
UNTIL: Final = dt.datetime.fromtimestamp(NOW + 60, dt.UTC)
URL: Final = f"https://{HOST}/thumbs/a%20b.jpg?width=320&x="

Hash = hashes.SHA1 | hashes.SHA256
Sign = Callable[[bytes], bytes]


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def sign_rsa(message: bytes, algorithm: Hash | None = None) -> bytes:
    return rsa_key().sign(message, padding.PKCS1v15(), algorithm or hashes.SHA1())  # noqa: S303 - CloudFront's own


def sign_ec(message: bytes, algorithm: Hash | None = None) -> bytes:
    return ec_key().sign(message, ec.ECDSA(algorithm or hashes.SHA1()))  # noqa: S303 - CloudFront's own


def keys() -> dict[str, str]:
    return {KEY_ID: pem_of(rsa_key())}


def ask(url: str, cookies: Mapping[str, str] | None = None, client_ip: str = "192.0.2.7") -> ViewerRequest:
    scheme, _, rest = url.partition("://")
    target, _, query = rest.partition("?")
    authority, slash, path = target.partition("/")
    headers = Headers([("Host", authority)])
    if cookies:
        headers.add("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()))
    return ViewerRequest(
        method="GET",
        scheme=scheme,
        host=authority.partition(":")[0],
        path=slash + path,
        query=query,
        headers=headers,
        body=b"",
        client_ip=client_ip,
        http_version="HTTP/1.1",
        received_at=NOW,
        request_id="r",
        authority=authority,
    )


def sign_url(url: str = URL, **policy: object) -> str:
    """Sign as botocore does: by a canned policy, or by a custom one of these conditions."""
    signer = CloudFrontSigner(KEY_ID, sign_rsa)
    if not policy:
        return str(signer.generate_presigned_url(url, date_less_than=UNTIL))
    return str(signer.generate_presigned_url(url, policy=make_policy(**policy)))


def make_policy(resource: object = URL, until: object = NOW + 60, **conditions: object) -> str:
    condition = {"DateLessThan": {"AWS:EpochTime": until}} | conditions
    return json.dumps({"Statement": [{"Resource": resource, "Condition": condition}]}, separators=(",", ":"))


def is_admitted(request: ViewerRequest, trusted: Mapping[str, str] | None = None, now: float = NOW) -> bool:
    try:
        check_access(request, keys() if trusted is None else trusted, now=now)
    except AccessRefused:
        return False
    return True


def code_of(request: ViewerRequest, trusted: Mapping[str, str] | None = None, now: float = NOW) -> str:
    with pytest.raises(AccessRefused) as raised:
        check_access(request, keys() if trusted is None else trusted, now=now)
    return raised.value.code


@pytest.mark.parametrize("url", [URL, f"https://{HOST}/", f"https://{HOST}/%E2%82%AC/'()!*", f"https://{HOST}/a?b"])
def test_a_canned_url_of_botocore_passes_and_loses_its_signature(url: str) -> None:
    asked = ask(sign_url(url))

    passed = check_access(asked, keys(), now=NOW)

    assert passed.path == ask(url).path
    assert passed.query == ask(url).query


def test_parameters_of_the_origin_stay_as_they_were_on_the_wire() -> None:
    url = f"https://{HOST}/x?b=%41&a&=&b=2&&c=+"

    assert check_access(ask(sign_url(url)), keys(), now=NOW).query == "b=%41&a&=&b=2&&c=+"


@pytest.mark.parametrize(
    "resource",
    [
        f"https://{HOST}/thumbs/*",
        f"https://{HOST}/thumbs/a%20b.jpg?width=???&x=",
        "https://*/thumbs/a%20b.jpg*",
        "http*://*",
        "*",
    ],
)
def test_a_custom_policy_may_have_wildcards(resource: str) -> None:
    assert is_admitted(ask(sign_url(resource=resource)))


@pytest.mark.parametrize(
    "resource",
    [
        f"https://{HOST}/raw/*",
        f"https://{HOST}/thumbs/a%20b.jpg",
        "https://other.example/*",
        f"https://{HOST}/thumbs/?",
        f"https://{HOST}/thumbs/a.20b.jpg*",
    ],
)
def test_a_custom_policy_for_something_else_is_refused(resource: str) -> None:
    assert code_of(ask(sign_url(resource=resource))) == "AccessDenied"


@pytest.mark.parametrize("path", ["/a+b", "/(a)[b]{2}", "/a|b", "/^a$", "/a\\d"])
def test_pattern_characters_are_literal_in_a_policy(path: str) -> None:
    url = f"https://{HOST}{path}"

    assert is_admitted(ask(sign_url(url, resource=url)))


def test_a_signature_is_valid_until_its_expiry_and_not_a_second_longer() -> None:
    for signed in (sign_url(), sign_url(until=NOW + 60)):
        assert is_admitted(ask(signed), now=NOW + 59.9)
        assert code_of(ask(signed), now=NOW + 60) == "AccessDenied"


def test_a_signature_may_begin_later() -> None:
    signed = sign_url(DateGreaterThan={"AWS:EpochTime": NOW + 10})

    assert code_of(ask(signed), now=NOW + 9.9) == "AccessDenied"
    assert is_admitted(ask(signed), now=NOW + 10)


@pytest.mark.parametrize(
    ("network", "client_ip", "admits"),
    [
        ("192.0.2.0/24", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7/32", "::ffff:192.0.2.7", True),
        ("192.0.2.9/24", "192.0.2.7", True),
        ("0.0.0.0/0", "2001:db8::1", True),
        ("192.0.2.0/29", "192.0.2.8", False),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7", "2001:db8::1", False),
        ("192.0.2.7", "nonsense", False),
    ],
)
# pytest passes what is parametrized by its name.
def test_a_signature_may_be_for_some_addresses_only(network: str, client_ip: str, admits: bool) -> None:  # noqa: FBT001
    signed = sign_url(IpAddress={"AWS:SourceIp": network})

    assert is_admitted(ask(signed, client_ip=client_ip)) == admits


@pytest.mark.parametrize("sign", [sign_rsa, sign_ec])
@pytest.mark.parametrize("name", ["SHA1", "SHA256"])
def test_both_kinds_of_keys_and_hashes_are_taken(sign: Callable[[bytes, Hash], bytes], name: str) -> None:
    algorithm = hashes.SHA256() if name == "SHA256" else hashes.SHA1()  # noqa: S303 - CloudFront's own
    signed = CloudFrontSigner(KEY_ID, lambda message: sign(message, algorithm)).generate_presigned_url(
        URL, date_less_than=UNTIL
    )
    trusted = {KEY_ID: pem_of(rsa_key() if sign is sign_rsa else ec_key())}
    tagged = signed if name == "SHA1" else f"{signed}&Hash-Algorithm={name}"
    other = f"{signed}&Hash-Algorithm=SHA256" if name == "SHA1" else signed

    assert is_admitted(ask(tagged), trusted)
    assert check_access(ask(tagged), trusted, now=NOW).query == "width=320&x="
    assert code_of(ask(other), trusted) == "AccessDenied"
    assert code_of(ask(f"{signed}&Hash-Algorithm=MD5"), trusted) == "AccessDenied"


def test_cookies_of_either_kind_of_policy_pass() -> None:
    custom = make_policy(resource=f"https://{HOST}/thumbs/*").encode()
    canned = f'{{"Statement":[{{"Resource":"{URL}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{NOW + 60}}}}}}}]}}'

    for parts in (
        {"CloudFront-Policy": encode(custom), "CloudFront-Signature": encode(sign_rsa(custom))},
        {"CloudFront-Expires": str(NOW + 60), "CloudFront-Signature": encode(sign_rsa(canned.encode()))},
    ):
        assert is_admitted(ask(URL, parts | {"CloudFront-Key-Pair-Id": KEY_ID, "other": "1"}))
        assert code_of(ask(URL, parts | {"CloudFront-Key-Pair-Id": "K0"})) == "InvalidKey"
        assert code_of(ask(URL + "2", {**parts, "CloudFront-Key-Pair-Id": KEY_ID, "CloudFront-Policy": "e30_"})) in {
            "AccessDenied",
            "MalformedPolicy",
        }


def test_a_signed_url_takes_precedence_over_signed_cookies() -> None:
    custom = make_policy(resource="*").encode()
    cookies = {
        "CloudFront-Policy": encode(custom),
        "CloudFront-Signature": encode(sign_rsa(custom)),
        "CloudFront-Key-Pair-Id": KEY_ID,
    }
    assert is_admitted(ask(URL, cookies))

    assert code_of(ask(f"{sign_url()}", cookies), now=NOW + 61) == "AccessDenied"


@pytest.mark.parametrize("name", ["Expires", "Signature", "Key-Pair-Id"])
def test_of_a_repeated_parameter_the_first_counts(name: str) -> None:
    signed = sign_url()
    path, _, query = signed.partition("?")
    another = {"Expires": str(NOW + 61), "Signature": "YQ__", "Key-Pair-Id": "K0"}[name]

    assert is_admitted(ask(f"{signed}&{name}={another}"))
    assert not is_admitted(ask(f"{path}?{name}={another}&{query}"))


@pytest.mark.parametrize("name", ["Policy", "Signature", "Key-Pair-Id"])
def test_of_a_repeated_cookie_the_first_counts(name: str) -> None:
    policy = make_policy(resource="*").encode()
    right = {"Policy": encode(policy), "Signature": encode(sign_rsa(policy)), "Key-Pair-Id": KEY_ID}
    wrong = {"Policy": encode(make_policy(resource="x").encode()), "Signature": "YQ__", "Key-Pair-Id": "K0"}
    cookies = "; ".join(f"CloudFront-{each}={value}" for each, value in right.items())
    another = f"CloudFront-{name}={wrong[name]}"

    for header, admits in ((f"{cookies}; {another}", True), (f"{another}; {cookies}", False)):
        request = ask(URL)
        request.headers.add("Cookie", header)
        assert is_admitted(request) is admits


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_either_scheme_passes_where_tls_is_stood_in_for(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = sign_url(URL.replace("https", scheme))

    assert is_admitted(ask(signed.replace("http://", "https://")))

    monkeypatch.setenv("CLOUDFRONT_VIEWER_SCHEME", "actual")
    assert is_admitted(ask(signed))
    assert not is_admitted(ask(signed.replace(scheme, "https" if scheme == "http" else "http", 1)))


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("", "MissingKey", "Missing Key-Pair-Id query parameter or cookie value"),
        ("Expires=1&Signature=a", "MissingKey", "Missing Key-Pair-Id query parameter or cookie value"),
        ("Key-Pair-Id=K0&Signature=YQ__&Expires=1", "InvalidKey", "Unknown Key"),
        (f"Key-Pair-Id={KEY_ID}&Expires=9999999999", "AccessDenied", "Access denied"),
        (f"Key-Pair-Id={KEY_ID}&Signature=%25&Expires=1", "MalformedSignature", "Could not unencode Signature"),
        (f"Key-Pair-Id={KEY_ID}&Signature=YQ__&Expires=soon", "MalformedPolicy", "Malformed Policy"),
        (f"Key-Pair-Id={KEY_ID}&Signature=YQ__", "MalformedPolicy", "Malformed Policy"),
        (f"Key-Pair-Id={KEY_ID}&Signature=YQ__&Policy=!", "MalformedPolicy", "Malformed Policy"),
    ],
)
def test_what_is_refused_is_refused_in_cloudfronts_words(query: str, code: str, message: str) -> None:
    with pytest.raises(AccessRefused) as raised:
        check_access(ask(f"https://{HOST}/x?{query}"), keys(), now=NOW)

    refused = raised.value
    assert refused.status == 403
    assert refused.headers["Content-Type"] == "text/xml"
    assert refused.body == (
        f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'.encode()
    )


@pytest.mark.parametrize(
    "document",
    [
        "{}",
        "[]",
        "null",
        "not json",
        "[" * 5000,
        '{"Statement":[]}',
        '{"Statement":[{"Resource":"*"}]}',
        '{"Statement":[{"Resource":"*","Condition":{}}]}',
        '{"Statement":[{"Resource":7,"Condition":{"DateLessThan":{"AWS:EpochTime":9999999999}}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":"9999999999"}}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":true}}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":9999999999},"Other":{}}}]}',
        '{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":9999999999},"IpAddress":{"AWS:SourceIp":"x"}}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":9999999999}}},{}]}',
    ],
)
def test_a_signed_document_that_is_not_a_policy_is_malformed(document: str) -> None:
    signed = f"Policy={encode(document.encode())}&Signature={encode(sign_rsa(document.encode()))}&Key-Pair-Id={KEY_ID}"

    assert code_of(ask(f"https://{HOST}/x?{signed}")) == "MalformedPolicy"


def test_a_malformed_key_signs_nothing() -> None:
    for pem in ("", "not a key", pem_of(rsa_key())[:-40]):
        assert code_of(ask(sign_url()), {KEY_ID: pem}) == "AccessDenied"


def _changed(text: str, at: int, letter: str) -> str:
    return text[:at] + letter + text[at + 1 :]


VISIBLE: Final = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#")


@given(data=st.data(), custom=st.booleans(), letter=VISIBLE)
def test_no_byte_of_a_signed_url_can_be_changed(data: st.DataObject, custom: bool, letter: str) -> None:  # noqa: FBT001
    signed = SIGNED[custom]
    at = data.draw(st.integers(len("https://"), len(signed) - 1))
    changed = _changed(signed, at, letter)
    if changed == signed:
        return

    assert not is_admitted(ask(changed))


SIGNED: Final = {False: sign_url(), True: sign_url(until=NOW + 60)}


@given(st.binary(max_size=400))
def test_cloudfronts_base64_is_read_back(data: bytes) -> None:
    text = encode(data)

    assert decode(text) == data
    assert not set(text) & set("+/=&? ;")
    assert base64.b64encode(data) == text.translate(str.maketrans("-_~", "+=/")).encode()


@given(st.text(max_size=60))
def test_each_value_has_one_spelling(text: str) -> None:
    try:
        data = decode(text)
    except ValueError:
        return
    assert encode(data) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("YR__", id="bits that stand for nothing"),
        pytest.param("YWF_", id="bits that stand for nothing, two bytes"),
        pytest.param("YQ==", id="the padding of other alphabets"),
        pytest.param("ab+/", id="letters of another alphabet"),
        pytest.param("YQ", id="no padding"),
        pytest.param("YQ__YQ__", id="something after the padding"),
        pytest.param("YQ__\n", id="a line's end"),
    ],
)
def test_another_spelling_of_a_value_is_invalid(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        decode(text)


def test_a_signature_in_another_spelling_is_refused() -> None:
    signed = sign_url()
    found = re.search(r"Signature=([^&]+)__", signed)
    assert found, "256 bytes leave four bits over"
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-~"
    last = found.end(1) - 1
    other = alphabet[alphabet.index(signed[last]) + 1]

    assert code_of(ask(_changed(signed, last, other))) == "MalformedSignature"
    assert is_admitted(ask(signed))


NAMES: Final = st.sampled_from(["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm", "x"])
LINES: Final = st.text(st.characters(exclude_characters="\r\n"), max_size=40)
VALUES: Final = st.one_of(LINES, st.sampled_from([KEY_ID, "SHA256", "YQ__", "9" * 15, "e30_", "\ud800", "%00"]))


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6), st.booleans())
def test_garbage_is_refused_and_never_more_than_that(pairs: list[tuple[str, str]], in_cookies: bool) -> None:  # noqa: FBT001
    if in_cookies:
        request = ask(f"https://{HOST}/\ud800", {f"CloudFront-{name}": value for name, value in pairs})
    else:
        request = ask(f"https://{HOST}/\ud800?" + "&".join(f"{name}={value}" for name, value in pairs))

    assert not is_admitted(request)
