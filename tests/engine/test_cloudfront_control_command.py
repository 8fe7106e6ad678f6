"""CloudFront by the AWS CLI that is installed with LocalStack."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.distributions import make_config, make_name, make_origin, some
from support.plugin_engine import Engine


class Aws:
    """The AWS CLI with the engine's endpoint."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.command = [str(engine.python), "-m", "awscli"]
        self.folder = folder
        self.environ = {
            "AWS_ENDPOINT_URL": engine.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "HOME": str(folder),
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, "--output", "json", "cloudfront", *arguments],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def __call__(self, *arguments: str) -> Any:  # noqa: ANN401 - whatever the command prints
        ran = self.run(*arguments)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout) if ran.stdout.strip() else None

    def file(self, content: object) -> str:
        path = self.folder / f"{make_name()}.json"
        path.write_text(json.dumps(content))
        return f"file://{path}"


@pytest.fixture
def aws(engine: Engine, tmp_path: Path) -> Aws:
    return Aws(engine, tmp_path)


def test_the_command_makes_changes_and_removes_a_distribution(aws: Aws) -> None:
    control = {
        "Name": make_name("oac"),
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    made_control = aws("create-origin-access-control", "--origin-access-control-config", aws.file(control))
    control_id = made_control["OriginAccessControl"]["Id"]
    config = make_config(Origins=some(make_origin(OriginAccessControlId=control_id)))

    made = aws("create-distribution", "--distribution-config", aws.file(config))
    distribution_id = made["Distribution"]["Id"]
    invalidation = aws("create-invalidation", "--distribution-id", distribution_id, "--paths", "/a", "/b/*")
    listed = aws("list-distributions", "--query", "DistributionList.Items[].Id")

    assert invalidation["Invalidation"]["InvalidationBatch"]["Paths"]["Items"] == ["/a", "/b/*"]
    assert distribution_id in listed

    current = aws("get-distribution-config", "--id", distribution_id)
    disabled = aws.file(current["DistributionConfig"] | {"Enabled": False})
    version = ("--id", distribution_id, "--if-match", current["ETag"])
    updated = aws("update-distribution", *version, "--distribution-config", disabled)
    aws("wait", "distribution-deployed", "--id", distribution_id)
    aws("delete-distribution", "--id", distribution_id, "--if-match", updated["ETag"])
    aws("delete-origin-access-control", "--id", control_id, "--if-match", made_control["ETag"])

    missing = aws.run("get-distribution", "--id", distribution_id)
    assert missing.returncode != 0
    assert "(NoSuchDistribution)" in missing.stderr


def test_the_commands_shorthand_for_a_bucket_works(aws: Aws) -> None:
    shorthand = ("--origin-domain-name", "photos.s3.amazonaws.com", "--default-root-object", "index.html")

    config = aws("create-distribution", *shorthand)["Distribution"]["DistributionConfig"]

    assert config["DefaultRootObject"] == "index.html"
    assert config["DefaultCacheBehavior"]["ForwardedValues"]["Cookies"] == {"Forward": "none"}
    assert config["DefaultCacheBehavior"]["DefaultTTL"] == 86400


def test_the_command_publishes_a_function_and_reads_its_code(aws: Aws) -> None:
    name = make_name("f")
    aws.folder.joinpath("function.js").write_text("function handler(event) { return event.request; }\n")
    configured = ("--function-config", "Comment=,Runtime=cloudfront-js-2.0")

    made = aws("create-function", "--name", name, *configured, "--function-code", "fileb://function.js")
    aws("publish-function", "--name", name, "--if-match", made["ETag"])
    aws("get-function", "--name", name, "--stage", "LIVE", "read.js")

    assert aws.folder.joinpath("read.js").read_text() == aws.folder.joinpath("function.js").read_text()


def test_the_cli_reports_an_unsupported_operation(aws: Aws) -> None:
    refused = aws.run("create-key-value-store", "--name", "kvs")

    assert refused.returncode != 0
    assert "(NotImplemented)" in refused.stderr
    assert "CreateKeyValueStore" in refused.stderr
