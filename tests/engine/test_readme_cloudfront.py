"""The plugin's README: its example of CloudFront works, and its table of operations is correct."""

import json
import re
import subprocess
import urllib.parse
from pathlib import Path
from typing import Final

import httpx
import pytest

from support.plugin_engine import Engine, StartEngine
from support.terraform_runs import TerraformFolder

README: Final = Path(__file__).parents[2] / "src" / "thumbpipe_localstack" / "README.md"
PORT: Final = "4566"
LINES: Final = 10


def read_section(heading: str) -> str:
    text = README.read_text(encoding="utf-8")
    found = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section {heading!r}"
    return found[1]


def read_block(language: str, section: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found, f"the section has no block of {language}"
    return found[1]


def fetch(url: str) -> httpx.Response:
    """Fetch from a name in `.localhost`, which is this machine whatever the resolver says."""
    parts = urllib.parse.urlsplit(url)
    here = parts._replace(netloc=f"127.0.0.1:{parts.port}").geturl()
    return httpx.get(here, headers={"Host": parts.netloc}, trust_env=False, timeout=30)


@pytest.fixture(scope="module")
def plain_engine(start_engine: StartEngine) -> Engine:
    """A separate engine: the example's names must be free."""
    return start_engine()


def test_the_example_has_ten_lines_and_serves_an_object_through_the_cache(plain_engine: Engine, tmp_path: Path) -> None:
    section = read_section("A distribution in ten lines")
    example, commands = read_block("json", section), read_block("sh", section)
    port = plain_engine.url.rpartition(":")[2]
    tmp_path.joinpath("main.tf.json").write_text(example.replace(PORT, port))

    terraform = TerraformFolder.open(tmp_path, plain_engine.url)
    terraform.apply()
    url = terraform.outputs()["url"]
    first, second = fetch(url), fetch(url)

    assert len(example.splitlines()) == LINES
    assert (first.status_code, first.text, first.headers["x-cache"]) == (200, "hello", "Miss from cloudfront")
    assert (second.text, second.headers["x-cache"]) == ("hello", "Hit from cloudfront")
    assert terraform.plan() == {}
    for command in ("terraform init", "terraform apply -auto-approve", 'curl -i "$(terraform output -raw url)"'):
        assert command in commands.splitlines()

    # What the sentence below the example promises.
    s3 = plain_engine.client("s3")
    s3.delete_bucket_policy(Bucket="photos")
    cached = fetch(url).status_code
    plain_engine.client("cloudfront").create_invalidation(
        DistributionId=terraform.state()["aws_cloudfront_distribution.photos"]["id"],
        InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "1"},
    )
    assert (cached, fetch(url).status_code) == (200, 403)


def test_the_example_needs_the_plugin_alone(plain_engine: Engine) -> None:
    found = "import importlib.util as u; print([u.find_spec(n) is None for n in ('thumbpipe', 'thumbpipe_devkit')])"

    ran = subprocess.run(
        [plain_engine.python, "-I", "-c", found], capture_output=True, text=True, check=True, timeout=60
    )

    assert ran.stdout.strip() == "[True, True]"


def test_the_table_of_operations_is_what_the_plugin_dispatches(engine_python: Path) -> None:
    code = (
        "import json; from localstack.aws.spec import load_service;"
        "from thumbpipe_localstack.cloudfront.control.table import SUPPORTED;"
        "print(json.dumps([sorted(SUPPORTED), sorted(load_service('cloudfront').operation_names)]))"
    )
    ran = subprocess.run([engine_python, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    supported, known = json.loads(ran.stdout)
    rows = [row.split("|")[1:] for row in read_section("Operations").splitlines() if row.count("|") == 4]
    columns = [[name for row in rows for name in re.findall(r"`(\w+)`", row[column])] for column in (1, 2)]

    assert sorted(columns[0]) == supported
    assert sorted(columns[1]) == sorted(set(known) - set(supported))
