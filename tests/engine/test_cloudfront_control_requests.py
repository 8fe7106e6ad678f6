"""Requests that no AWS client would send are refused with a reason, and never cause a server error."""

import xml.etree.ElementTree as ET
from typing import Final

import httpx
import pytest

from support.plugin_engine import Engine

SIGNED: Final = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudfront/aws4_request, SignedHeaders=host, Signature=none"
)


def send(engine: Engine, method: str, path: str, body: str = "") -> tuple[int, str, str]:
    """Return the status, the error's code and its message."""
    answer = httpx.request(
        method,
        f"{engine.url}/2020-05-31/{path}",
        content=body,
        headers={"Authorization": SIGNED, "Content-Type": "text/xml"},
        trust_env=False,
        timeout=30,
    )
    error = ET.fromstring(answer.text).find("Error")  # noqa: S314 - the engine's own answer
    assert error is not None
    assert error.findtext("Type") == "Sender"
    return answer.status_code, error.findtext("Code") or "", error.findtext("Message") or ""


@pytest.mark.parametrize(
    ("path", "body", "code", "word"),
    [
        ("distribution", "", "InvalidArgument", "Origins"),
        ("distribution", "<DistributionConfig/>", "InvalidArgument", "Origins"),
        ("public-key", "<PublicKeyConfig><Name>a</Name></PublicKeyConfig>", "InvalidArgument", "CallerReference"),
        (
            "public-key",
            "<PublicKeyConfig><CallerReference>a</CallerReference><Name>a</Name></PublicKeyConfig>",
            "InvalidArgument",
            "Key",
        ),
        ("key-group", "<KeyGroupConfig><Name>a</Name><Items/></KeyGroupConfig>", "InvalidArgument", "public key"),
        ("cache-policy", "<CachePolicyConfig><Name>a</Name></CachePolicyConfig>", "InvalidArgument", "MinTTL"),
        (
            "origin-access-control",
            "<OriginAccessControlConfig><Name>a</Name></OriginAccessControlConfig>",
            "InvalidArgument",
            "SigningProtocol",
        ),
        ("function", "<CreateFunctionRequest><Name>a</Name></CreateFunctionRequest>", "MissingBody", "body"),
        (
            "response-headers-policy",
            "<ResponseHeadersPolicyConfig><CustomHeadersConfig><Quantity>2</Quantity></CustomHeadersConfig></ResponseHeadersPolicyConfig>",
            "InconsistentQuantities",
            "Quantity",
        ),
    ],
)
def test_a_request_with_something_missing_is_refused(
    engine: Engine, path: str, body: str, code: str, word: str
) -> None:
    status, found, message = send(engine, "POST", path, body)

    assert (status, found) == (400, code)
    assert word in message


def test_a_value_that_the_model_does_not_have_is_refused(engine: Engine) -> None:
    status, code, message = send(engine, "GET", "cache-policy?Type=foreign")

    assert (status, code) == (400, "InvalidArgument")
    assert "managed, custom" in message
