"""The table in docs/security.md lists exactly the permissions that Terraform applies."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from support.planned import of_type

CHECKOUT: Final = Path(__file__).resolve().parents[2]
ACCOUNT: Final = "123456789012"
DISTRIBUTION: Final = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1PLANNEDEXAMPLE"

FUNCTIONS: Final = ("uploads", "gallery", "thumbnailer")
Grant = tuple[str, str, str]

_IMAGES: Final = f"arn:aws:s3:::photos-images-{ACCOUNT}-eu-central-1"
_SITE: Final = f"arn:aws:s3:::photos-site-{ACCOUNT}-eu-central-1"
_HERE: Final = f"eu-central-1:{ACCOUNT}"
_NAMES: Final = {
    f"{_IMAGES}/raw/*": "`raw/*`",
    f"{_IMAGES}/thumbs/*": "`thumbs/*`",
    _IMAGES: "the image bucket",
    f"arn:aws:dynamodb:{_HERE}:table/photos-catalog": "the catalog table",
    f"arn:aws:dynamodb:{_HERE}:table/photos-catalog/index/by_month": "its index `by_month`",
    f"arn:aws:sqs:{_HERE}:photos-photos": "the photo queue",
    f"arn:aws:ssm:{_HERE}:parameter/photos/cursor-key": "the cursor key",
    f"arn:aws:ssm:{_HERE}:parameter/photos/signing-key": "the signing key",
    DISTRIBUTION: "the distribution",
    "*": "`*`",
} | {f"arn:aws:logs:{_HERE}:log-group:/aws/lambda/photos-{name}:*": "its own log group" for name in FUNCTIONS}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _condition(statement: dict[str, Any]) -> str:
    if "Condition" not in statement:
        return ""
    prefixes = statement["Condition"].pop("StringLike").pop("s3:prefix")
    assert statement["Condition"] == {}, "a condition that the table cannot express"
    return "prefix " + " or ".join(f"`{prefix}`" for prefix in sorted(prefixes))


def _grants(policy: str) -> set[Grant]:
    grants = set()
    for statement in json.loads(policy)["Statement"]:
        assert statement["Effect"] == "Allow"
        condition = _condition(statement)
        grants |= {
            (action, _NAMES[resource], condition)
            for action in _listed(statement["Action"])
            for resource in _listed(statement["Resource"])
        }
    return grants


def _documented() -> dict[str, set[Grant]]:
    text = CHECKOUT.joinpath("docs", "security.md").read_text(encoding="utf-8")
    table = text.split("<!-- roles -->")[1].split("<!-- /roles -->")[0]
    documented: dict[str, set[Grant]] = {name: set() for name in FUNCTIONS}
    for line in table.strip().splitlines()[2:]:
        role, actions, resources, condition, _why = (cell.strip() for cell in line.strip("|").split("|"))
        documented[role] |= {
            (action, resource, re.sub("(, )?with `(tracing|signed)`$", "", condition))
            for action in re.findall("`([^`]+)`", actions)
            for resource in resources.split(", ")
        }
    return documented


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_table_says_exactly_what_a_role_may_do(function: str, planned: dict[str, dict[str, Any]]) -> None:
    assert _grants(planned[f"module.{function}.aws_iam_role_policy.this"]["policy"]) == _documented()[function]


def test_no_role_has_any_other_policy(planned: dict[str, dict[str, Any]]) -> None:
    kinds = (
        "aws_iam_policy",
        "aws_iam_policy_attachment",
        "aws_iam_role_policies_exclusive",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_iam_role_policy_attachments_exclusive",
    )
    assert of_type(planned, *kinds).keys() == {f"module.{name}.aws_iam_role_policy.this" for name in FUNCTIONS}
    assert all(not planned[f"module.{name}.aws_iam_role.this"].get("managed_policy_arns") for name in FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_lambda_can_assume_a_role(function: str, planned: dict[str, dict[str, Any]]) -> None:
    (statement,) = json.loads(planned[f"module.{function}.aws_iam_role.this"]["assume_role_policy"])["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_the_queue_accepts_only_events_of_this_bucket_and_account(planned: dict[str, dict[str, Any]]) -> None:
    statements = json.loads(planned["aws_sqs_queue.photos"]["policy"])["Statement"]
    (allowed,) = (statement for statement in statements if statement["Effect"] == "Allow")
    assert allowed["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allowed["Action"] == "sqs:SendMessage"
    assert allowed["Condition"] == {
        "ArnEquals": {"aws:SourceArn": _IMAGES},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


@pytest.mark.parametrize(
    ("bucket", "grants"),
    [
        (
            "images",
            {("s3:GetObject", f"{_IMAGES}/raw/*"), ("s3:GetObject", f"{_IMAGES}/thumbs/*"), ("s3:ListBucket", _IMAGES)},
        ),
        ("site", {("s3:GetObject", f"{_SITE}/*")}),
    ],
)
def test_a_bucket_allows_only_this_distribution_to_read_only_what_it_serves(
    bucket: str, grants: set[tuple[str, str]], planned: dict[str, dict[str, Any]]
) -> None:
    statements = json.loads(planned[f"aws_s3_bucket_policy.{bucket}"]["policy"])["Statement"]
    allowed = [statement for statement in statements if statement["Effect"] == "Allow"]
    for statement in allowed:
        assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert statement["Condition"] == {"StringEquals": {"aws:SourceArn": DISTRIBUTION}}
    assert {
        (action, resource)
        for statement in allowed
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    } == grants


@pytest.mark.parametrize(
    ("address", "resources"),
    [
        ("aws_s3_bucket_policy.images", {_IMAGES, f"{_IMAGES}/*"}),
        ("aws_s3_bucket_policy.site", {_SITE, f"{_SITE}/*"}),
        ("aws_sqs_queue.photos", {f"arn:aws:sqs:{_HERE}:photos-photos"}),
        ("aws_sqs_queue.dead_letter", {f"arn:aws:sqs:{_HERE}:photos-photos-dead"}),
    ],
)
def test_plain_http_is_refused(address: str, resources: set[str], planned: dict[str, dict[str, Any]]) -> None:
    statements = json.loads(planned[address]["policy"])["Statement"]
    (denied,) = (statement for statement in statements if statement["Effect"] == "Deny")
    assert denied["Principal"] == "*"
    assert denied["Action"] in ("s3:*", "sqs:*")
    assert set(_listed(denied["Resource"])) == resources
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_cursor_key_is_in_no_plan(planned: dict[str, dict[str, Any]]) -> None:
    parameter = planned["aws_ssm_parameter.cursor_key"]
    assert parameter["type"] == "SecureString"
    assert parameter["value_wo"] is None
    assert not parameter.get("value")
