"""Terraform's plan of the edge: the headers of each kind of response, and what the logs omit."""

from typing import Any, Final

from support.planned import Planned

KINDS: Final = ("page", "api", "thumbs", "raw")


def _policy(planned: Planned, kind: str) -> dict[str, Any]:
    return planned[f'aws_cloudfront_response_headers_policy.this["{kind}"]']


def _custom(planned: Planned, kind: str) -> dict[str, str]:
    (headers,) = _policy(planned, kind)["custom_headers_config"]
    assert all(item["override"] for item in headers["items"])
    return {item["header"]: item["value"] for item in headers["items"]}


def _content_policy(planned: Planned, kind: str) -> dict[str, list[str]]:
    (security,) = _policy(planned, kind)["security_headers_config"]
    (policy,) = security["content_security_policy"]
    assert policy["override"]
    parts = (part.split() for part in policy["content_security_policy"].split(";"))
    return {name: values for name, *values in parts}


def test_every_kind_of_response_has_the_security_headers(planned: Planned) -> None:
    for kind in KINDS:
        (security,) = _policy(planned, kind)["security_headers_config"]
        (transport,) = security["strict_transport_security"]
        assert transport["access_control_max_age_sec"] >= 31536000, kind
        assert security["content_type_options"] == [{"override": True}], kind
        assert security["frame_options"] == [{"frame_option": "DENY", "override": True}], kind
        assert security["referrer_policy"] == [{"referrer_policy": "no-referrer", "override": True}], kind
        assert "camera=()" in _custom(planned, kind)["Permissions-Policy"], kind


def test_the_page_runs_only_its_own_code_and_calls_only_the_api_and_the_bucket(planned: Planned) -> None:
    assert _content_policy(planned, "page") == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'", "https://photos-images-123456789012-eu-central-1.s3.eu-central-1.amazonaws.com"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


def test_an_image_or_an_api_response_can_run_nothing_as_a_page(planned: Planned) -> None:
    for kind in ("api", "thumbs", "raw"):
        policy = _content_policy(planned, kind)
        assert policy["default-src"] == ["'none'"], kind
        assert policy["frame-ancestors"] == ["'none'"], kind
    assert "sandbox" in _content_policy(planned, "raw")


def test_an_original_is_served_as_an_attachment_and_never_cached(planned: Planned) -> None:
    headers = _custom(planned, "raw")
    assert headers["Content-Disposition"] == "attachment"
    assert "no-store" in headers["Cache-Control"]


def test_no_log_of_the_edge_contains_queries_cookies_or_referrers(planned: Planned) -> None:
    fields = set(planned["aws_cloudwatch_log_delivery.edge[0]"]["record_fields"])
    assert fields
    assert not fields & {"cs-uri-query", "cs(Cookie)", "cs(Referer)"}


def test_the_firewalls_log_leaves_out_what_identifies_a_person(planned: Planned) -> None:
    redacted = planned["aws_wafv2_web_acl_logging_configuration.edge[0]"]["redacted_fields"]
    headers = {header["name"] for field in redacted for header in field["single_header"]}
    assert headers >= {"authorization", "cookie", "referer", "x-api-key", "x-forwarded-for"}
    assert sum(len(field["query_string"]) for field in redacted) == 1
