"""Deliveries of access logs by the real Terraform provider: made, found unchanged, changed in place, and gone."""

import json
import shutil
from pathlib import Path
from typing import Final

import pytest

from support.distributions import make_name
from support.plugin_engine import Engine
from support.terraform_runs import TerraformFolder

IN_PLACE: Final = {
    "aws_cloudwatch_log_delivery.bucket",
    "aws_cloudwatch_log_delivery_destination.group",
    "aws_cloudwatch_log_delivery_source.this",
}


@pytest.mark.timeout(900)
def test_deliveries_live_their_life_by_terraform(engine: Engine, tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parent / "terraform" / "deliveries.tf", tmp_path)

    def choose(variant: int) -> None:
        tmp_path.joinpath("terraform.tfvars.json").write_text(json.dumps({"name": stack, "variant": variant}))

    stack = make_name()
    choose(1)
    terraform = TerraformFolder.open(tmp_path, engine.url)

    terraform.apply()
    assert terraform.plan() == {}, "a second plan finds nothing to do"

    choose(2)
    assert terraform.plan() == dict.fromkeys(IN_PLACE, "update")
    terraform.apply_plan()
    assert terraform.plan() == {}
    made = terraform.state()
    assert made["aws_cloudwatch_log_delivery.bucket"]["record_fields"] == ["sc-status", "cs-uri-stem"]

    terraform.destroy()
    logs = engine.client("logs")
    left = [source["name"] for source in logs.describe_delivery_sources()["deliverySources"]]
    assert stack not in left
