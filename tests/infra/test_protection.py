"""Terraform's plan protects buckets, functions and logs from unauthorized access."""

import json
import re
from pathlib import Path
from typing import Final

import pytest

from support.planned import Planned, of_type

INFRA: Final = Path(__file__).resolve().parents[2] / "infra"


@pytest.mark.parametrize("bucket", ["images", "site"])
def test_a_bucket_is_closed_owned_by_the_account_and_encrypted(bucket: str, planned: Planned) -> None:
    block = planned[f"aws_s3_bucket_public_access_block.{bucket}"]
    names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert all(block[name] is True for name in names)
    (rule,) = planned[f"aws_s3_bucket_ownership_controls.{bucket}"]["rule"]
    assert rule["object_ownership"] == "BucketOwnerEnforced"
    (rule,) = planned[f"aws_s3_bucket_server_side_encryption_configuration.{bucket}"]["rule"]
    (default,) = rule["apply_server_side_encryption_by_default"]
    assert default["sse_algorithm"] == "AES256"


def test_only_api_gateway_may_call_the_functions(planned: Planned) -> None:
    permissions = of_type(planned, "aws_lambda_permission")
    assert len(permissions) == 3
    for permission in permissions.values():
        assert permission["principal"] == "apigateway.amazonaws.com"
        assert permission["action"] == "lambda:InvokeFunction"
        # API Gateway sends none: a condition on it would refuse every call. The ARN of the API contains the account.
        assert permission["source_account"] is None


def test_no_log_of_the_api_contains_a_query_a_body_or_a_header(planned: Planned) -> None:
    (settings,) = planned["aws_api_gateway_method_settings.all"]["settings"]
    assert settings["logging_level"] == "OFF"
    assert not settings.get("data_trace_enabled")
    (access,) = planned["aws_api_gateway_stage.this"]["access_log_settings"]
    # Other variables may contain secrets: a signature, a cursor, a key.
    assert set(json.loads(access["format"]).values()) <= {
        "$context.error.message",
        "$context.error.responseType",
        "$context.httpMethod",
        "$context.identity.sourceIp",
        "$context.identity.userAgent",
        "$context.integration.latency",
        "$context.integration.status",
        "$context.path",
        "$context.requestId",
        "$context.requestTime",
        "$context.resourcePath",
        "$context.responseLatency",
        "$context.responseLength",
        "$context.status",
        "$context.xrayTraceId",
    }


def test_every_log_expires(planned: Planned) -> None:
    groups = of_type(planned, "aws_cloudwatch_log_group")
    assert len(groups) == 6
    assert {values["retention_in_days"] for values in groups.values()} == {30}


def test_requests_are_throttled(planned: Planned) -> None:
    (settings,) = planned["aws_api_gateway_method_settings.all"]["settings"]
    assert (settings["throttling_rate_limit"], settings["throttling_burst_limit"]) == (100, 200)


def test_every_check_that_checkov_skips_has_a_reason() -> None:
    files = [file.read_text(encoding="utf-8") for file in INFRA.rglob("*.tf")]
    skips = [line for text in files for line in text.splitlines() if "checkov:skip" in line]
    assert skips
    for line in skips:
        assert re.fullmatch(r" +# checkov:skip=CKV2?_AWS_\d+:\S+ \S.*", line), line
    settings = INFRA.joinpath(".checkov.yaml").read_text(encoding="utf-8").split("skip-check:\n")[1]
    for line in settings.splitlines():
        assert re.fullmatch(r"  - CKV2?_AWS_\d+  # \S+ \S.*\.", line), line
