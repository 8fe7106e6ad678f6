"""WAFv2 by the real Terraform provider: made, found unchanged, changed in place, imported, and gone."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from support.distributions import make_name
from support.plugin_engine import Engine
from support.terraform_runs import TerraformFolder

CONFIGURATION: Final = Path(__file__).parent / "terraform" / "wafv2.tf"


def choose(folder: Path, name: str, variant: int) -> None:
    folder.joinpath("terraform.tfvars.json").write_text(json.dumps({"name": name, "variant": variant}))


def open_stack(folder: Path, engine: Engine, name: str) -> TerraformFolder:
    folder.mkdir()
    shutil.copy(CONFIGURATION, folder)
    choose(folder, name, 1)
    return TerraformFolder.open(folder, engine.url)


def import_id(address: str, values: dict[str, Any], made: dict[str, dict[str, Any]]) -> str:
    kind = address.partition(".")[0]
    api = made["aws_api_gateway_rest_api.this"]["id"]
    if kind in {"aws_wafv2_ip_set", "aws_wafv2_regex_pattern_set", "aws_wafv2_rule_group", "aws_wafv2_web_acl"}:
        return f"{values['id']}/{values['name']}/{values['scope']}"
    ids = {
        "aws_api_gateway_deployment": f"{api}/{values['id']}",
        "aws_api_gateway_stage": f"{api}/test",
        "aws_wafv2_web_acl_association": f"{values.get('web_acl_arn')},{values.get('resource_arn')}",
    }
    return ids.get(kind) or str(values["id"])


@pytest.mark.timeout(1500)  # the provider reads its schema of WAF for most of it
def test_all_of_waf_lives_its_life_by_terraform(engine: Engine, tmp_path: Path) -> None:
    name = make_name("waf")
    stack = tmp_path / "stack"
    terraform = open_stack(stack, engine, name)

    terraform.apply()
    assert terraform.plan() == {}, "a second plan finds nothing to do"
    made = terraform.state()

    changing = {
        address
        for address in made
        if address.startswith("aws_wafv2_") and not address.startswith("aws_wafv2_web_acl_association.")
    }
    choose(stack, name, 2)
    assert terraform.plan() == dict.fromkeys(changing, "update")
    terraform.apply_plan()
    assert terraform.plan() == {}
    changed = terraform.state()
    assert {address: values["id"] for address, values in changed.items()} == {
        address: values["id"] for address, values in made.items()
    }

    imported = open_stack(tmp_path / "imported", engine, name)
    choose(imported.folder, name, 2)
    assert_imported(imported, changed)

    terraform.destroy()
    client = engine.client("wafv2")
    for scope in ("REGIONAL", "CLOUDFRONT"):
        left = [
            *client.list_web_acls(Scope=scope)["WebACLs"],
            *client.list_ip_sets(Scope=scope)["IPSets"],
            *client.list_regex_pattern_sets(Scope=scope)["RegexPatternSets"],
            *client.list_rule_groups(Scope=scope)["RuleGroups"],
        ]
        assert [each["Name"] for each in left if each["Name"].startswith(name)] == []
        configurations = client.list_logging_configurations(Scope=scope)["LoggingConfigurations"]
        assert not any(name in each["ResourceArn"] for each in configurations)


def assert_imported(terraform: TerraformFolder, made: dict[str, dict[str, Any]]) -> None:
    """Import everything into an empty state: nothing of WAF has to be changed."""
    wanted = {address: import_id(address, values, made) for address, values in made.items()}
    blocks = [f'import {{\n  to = {address}\n  id = "{value}"\n}}\n' for address, value in wanted.items()]
    terraform.folder.joinpath("imports.tf").write_text("\n".join(blocks))

    planned = terraform.plan()

    assert {address: action for address, action in planned.items() if address.startswith("aws_wafv2_")} == {}
    assert set(planned.values()) <= {"update"}
