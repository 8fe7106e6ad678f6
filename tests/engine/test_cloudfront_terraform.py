"""CloudFront by the real Terraform provider: made, found unchanged, changed in place, imported, and gone."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support.distributions import make_name
from support.plugin_engine import Engine
from support.terraform_runs import TerraformFolder

CONFIGURATION: Final = Path(__file__).parent / "terraform" / "cloudfront.tf"
UNCHANGING: Final = {"aws_acm_certificate.this", "aws_s3_bucket.this"}


def make_public_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Stack:
    """The configuration in a folder, with its variables."""

    def __init__(self, folder: Path, endpoint: str, variables: dict[str, Any]) -> None:
        folder.mkdir()
        shutil.copy(CONFIGURATION, folder)
        self.variables = variables
        self.path = folder
        self.choose(1)
        self.terraform = TerraformFolder.open(folder, endpoint)

    def choose(self, variant: int) -> None:
        values = json.dumps(self.variables | {"variant": variant})
        self.path.joinpath("terraform.tfvars.json").write_text(values)

    def copy(self, folder: Path) -> "Stack":
        return Stack(folder, self.terraform.endpoint, self.variables)


@pytest.mark.timeout(1200)
def test_a_stack_lives_its_life_by_terraform(engine: Engine, tmp_path: Path) -> None:
    name = make_name("tf")
    variables = {"name": name, "public_keys": [make_public_key(), make_public_key()]}
    stack = Stack(tmp_path / "stack", engine.url, variables)
    terraform = stack.terraform

    terraform.apply()
    assert terraform.plan() == {}, "a second plan finds nothing to do"
    made = terraform.state()

    changed_in_place = dict.fromkeys(made.keys() - UNCHANGING - data_of(made), "update")
    stack.choose(2)
    assert terraform.plan() == changed_in_place
    terraform.apply_plan()
    assert terraform.plan() == {}
    assert_second_variant(terraform.state()["aws_cloudfront_distribution.this"])

    stack.choose(1)
    assert terraform.plan() == changed_in_place
    terraform.apply_plan()
    assert terraform.plan() == {}
    assert ids_of(terraform.state()) == ids_of(made)

    assert_imported(stack.copy(tmp_path / "imported"), made)

    terraform.destroy()
    assert_nothing_left(engine, name)


def data_of(state: dict[str, Any]) -> set[str]:
    return {address for address in state if address.startswith("data.")}


def ids_of(state: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {address: values["id"] for address, values in state.items()}


def assert_second_variant(distribution: dict[str, Any]) -> None:
    assert distribution["comment"] == "second"
    assert [alias.split(".")[0] for alias in distribution["aliases"]] == ["www"]
    assert distribution["default_cache_behavior"][0]["target_origin_id"] == "group"
    assert distribution["ordered_cache_behavior"][0]["path_pattern"] == "/v2/*"
    assert distribution["tags"] == {"team": "second"}
    assert distribution["viewer_certificate"][0]["minimum_protocol_version"] == "TLSv1.2_2021"


def assert_imported(stack: Stack, made: dict[str, dict[str, Any]]) -> None:
    """Import everything that was made into an empty state: nothing of it has to be changed."""
    wanted = {address: import_id(address, values) for address, values in made.items() if address not in data_of(made)}
    blocks = [f'import {{\n  to = {address}\n  id = "{value}"\n}}\n' for address, value in wanted.items()]
    stack.path.joinpath("imports.tf").write_text("\n".join(blocks))

    planned = stack.terraform.plan()

    # Terraform's own attributes, which no response of AWS contains, are set by the first apply after an import.
    assert planned.keys() <= {"aws_cloudfront_distribution.this", "aws_cloudfront_function.this", "aws_s3_bucket.this"}
    assert set(planned.values()) <= {"update"}
    stack.terraform.apply_plan()
    assert stack.terraform.plan() == {}
    assert ids_of(stack.terraform.state()) == ids_of(made)


def import_id(address: str, values: dict[str, Any]) -> str:
    arns = {"aws_acm_certificate.this", "aws_cloudwatch_query_definition.this"}
    if address == "aws_cloudwatch_query_definition.this":
        return f"arn:aws:logs:us-east-1:000000000000:query-definition:{values['query_definition_id']}"
    return str(values["arn"] if address in arns else values["id"])


def assert_nothing_left(engine: Engine, name: str) -> None:
    cloudfront, logs = engine.client("cloudfront"), engine.client("logs")
    listings = {
        "list_distributions": "DistributionList",
        "list_origin_access_controls": "OriginAccessControlList",
        "list_public_keys": "PublicKeyList",
        "list_key_groups": "KeyGroupList",
        "list_functions": "FunctionList",
    }
    for call, member in listings.items():
        assert name not in json.dumps(getattr(cloudfront, call)()[member], default=str)
    for call in ("list_cache_policies", "list_origin_request_policies", "list_response_headers_policies"):
        assert name not in json.dumps(getattr(cloudfront, call)(Type="custom"), default=str)
    assert logs.describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"] == []
