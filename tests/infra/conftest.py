"""A plan of the real files by the real provider, without an account: only STS is called, which a fake answers."""

import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from thumbpipe_devkit.paths import cache_folder
from thumbpipe_devkit.terraform import binary, provider

CHECKOUT: Final = Path(__file__).resolve().parents[2]
INFRA: Final = CHECKOUT / "infra"
ACCOUNT: Final = "123456789012"
DISTRIBUTION: Final = "E1PLANNEDEXAMPLE"

_IDENTITY: Final = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::{ACCOUNT}:user/planner</Arn><UserId>AIDAPLANNER</UserId><Account>{ACCOUNT}</Account>
  </GetCallerIdentityResult>
</GetCallerIdentityResponse>""".encode()

_VARIABLES: Final = {
    "name": "photos",
    "region": "eu-central-1",
    "page_origins": ["https://photos.example.com", "http://localhost:8080"],
    "package_dir": "tests/fixtures/bundle",
    "site_dir": "tests/fixtures/site",
    "tracing": True,
    "access_logs": True,
    "delivery": "signed",
    "signing_public_keys": {
        "first": """-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALRxJ0jvLkqkmUQPfCBkCqtMbh8BkHpz
q1Jo0Bk9a5dZ8U0rZ3CBxMd5cBqQm2fY9r0mJ7cJcB0J4ZyYxqk0H9ECAwEAAQ==
-----END PUBLIC KEY-----
"""
    },
}

# As if it had been applied before: the plan then contains the policies that name its ARN, like all others.
_STATE: Final = {
    "version": 4,
    "terraform_version": "1.11.0",
    "serial": 1,
    "lineage": "00000000-0000-0000-0000-000000000000",
    "outputs": {},
    "resources": [
        {
            "mode": "managed",
            "type": "aws_cloudfront_distribution",
            "name": "this",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [
                {
                    "schema_version": 1,
                    "attributes": {
                        "id": DISTRIBUTION,
                        "arn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/{DISTRIBUTION}",
                        "domain_name": "d111111abcdef8.cloudfront.net",
                        "enabled": True,
                        "staging": False,
                    },
                }
            ],
        }
    ],
}

_PROVIDER: Final = """
provider "aws" {{
  {alias}
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {{
    sts = "{sts_url}"
  }}
}}
"""


class _Sts(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(_IDENTITY)))
        self.end_headers()
        self.wfile.write(_IDENTITY)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@pytest.fixture(scope="session")
def sts_url() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Sts) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def plan(sts_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return `terraform show -json` of a plan of everything, with only a distribution in the state."""
    folder = tmp_path_factory.mktemp("plan") / "infra"
    shutil.copytree(INFRA, folder, ignore=shutil.ignore_patterns(".terraform", "*.tftest.hcl"))
    folder.joinpath("provider_override.tf").write_text(
        "\n".join(_PROVIDER.format(alias=alias, sts_url=sts_url) for alias in ("", 'alias = "us_east_1"'))
    )
    folder.joinpath("terraform.tfstate").write_text(json.dumps(_STATE))
    folder.joinpath("plan.auto.tfvars.json").write_text(json.dumps(_VARIABLES))
    terraform = binary.find(print)
    mirror = provider.choose(terraform, cache_folder() / "terraform" / "plugins").folder
    init = ["init", "-input=false", *([f"-plugin-dir={mirror}"] if mirror else [])]
    for arguments in (init, ["plan", "-input=false", "-refresh=false", "-out=plan.bin"]):
        ran = _terraform(terraform.path, folder, arguments)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    shown: dict[str, Any] = json.loads(_terraform(terraform.path, folder, ["show", "-json", "plan.bin"]).stdout)
    return shown


def _terraform(program: Path, folder: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(folder), "PATH": "", "CHECKPOINT_DISABLE": "1", "TF_CLI_ARGS": "-no-color"}
    return subprocess.run(
        [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=240
    )


@pytest.fixture(scope="session")
def planned(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the planned values of each resource, by address, as far as they are known before it is created."""
    return {each["address"]: each["change"]["after"] for each in plan["resource_changes"]}
