"""Engines with the plugin, and functions made from a few lines of code."""

import os
import secrets
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from xdist.remote import Producer

from support.distributions import make_config, remove_distribution
from support.plugin_engine import (
    OFTEN,
    CreateFunction,
    Engine,
    Function,
    StartEngine,
    launch,
    wait_for,
    zip_files,
)
from support.scheduling import ByScope, file_of

# The plugin's own modules, for tests of its parts; it is installed in the engine's environment, not in this one.
sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

ROLE: Final = "arn:aws:iam::000000000000:role/plugin-test"

# What is run in one process, beside what each file is: tests that share an engine, and those that load Terraform.
SCOPES: Final = {
    "test_cloudfront_deliveries_terraform.py": "terraform",
    "test_cloudfront_terraform.py": "terraform",
    "test_iam.py": "iam",
    "test_iam_anonymous.py": "iam",
    "test_iam_functions.py": "iam",
}
# The longest scopes first, so that the others run beside them. pytest-xdist puts a second scope behind each process's
# first one at once, which has to wait: short ones are next. Then what takes long for its few tests.
ORDER: Final = (
    *("test_wafv2_terraform.py", "terraform", "test_readme_install.py", "test_signatures_terraform.py"),
    *("test_gateway_listening.py", "test_wafv2_stages.py", "test_cloudfront_data_cache.py"),
    *("test_kms.py", "test_log_delivery_tags.py", "test_s3.py", "test_wafv2_readme.py"),
    *("test_failures.py", "test_lifecycle.py", "test_readme_cloudfront.py", "test_cloudfront_control_command.py"),
)


def _scope_of(nodeid: str) -> str:
    name = file_of(nodeid).rpartition("/")[2]
    return SCOPES.get(name, name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests as their scopes are to be dealt out; the larger ones first where nothing else is said."""
    order = {scope: place for place, scope in enumerate(ORDER)}
    sizes = Counter(_scope_of(item.nodeid) for item in items)
    scopes = sorted(sizes, key=lambda scope: (order.get(scope, len(order)), -sizes[scope], scope))
    items.sort(key=lambda item: scopes.index(_scope_of(item.nodeid)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByScope:
    """Have pytest-xdist deal out the tests in the order in which they are sorted."""
    config.option.loadscopereorder = False
    return ByScope(config, log, _scope_of)


@pytest.fixture(scope="session")
def engine_python() -> Path:
    python = os.environ.get("THUMBPIPE_ENGINE_PYTHON")
    if not python:
        pytest.fail("THUMBPIPE_ENGINE_PYTHON names no interpreter with LocalStack and the plugin: run `nox -s plugin`")
    return Path(python)


@pytest.fixture(scope="session")
def start_engine(engine_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartEngine]:
    started: list[Engine] = []

    def start(**settings: str) -> Engine:
        folder = tmp_path_factory.mktemp("engine")
        engine = launch(engine_python, folder, settings)
        started.append(engine)
        wait_for(engine)
        return engine

    yield start
    for engine in started:
        engine.stop()


@pytest.fixture(scope="session")
def engine(start_engine: StartEngine) -> Engine:
    return start_engine()


@pytest.fixture(scope="session")
def cloudfront(engine: Engine) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    return engine.client("cloudfront")


@pytest.fixture
def distribution(cloudfront: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    created: dict[str, Any] = cloudfront.create_distribution(DistributionConfig=make_config())
    yield created
    remove_distribution(cloudfront, created["Distribution"]["Id"])


@pytest.fixture(scope="session")
def limited_engine(start_engine: StartEngine) -> Engine:
    """An engine with few and short-lived environments, the pure-Python runtime client, and moto's streams."""
    return start_engine(
        LAMBDA_PROCESS_MAX_ENVIRONMENTS="2",
        LAMBDA_KEEPALIVE_MS="1500",
        LAMBDA_PROCESS_RUNTIME_CLIENT="python",
        PROVIDER_OVERRIDE_DYNAMODBSTREAMS="moto",
    )


@pytest.fixture(scope="session")
def enforcing_engine(start_engine: StartEngine) -> Engine:
    """An engine that refuses what the policies of an assumed role do not allow."""
    return start_engine(ENFORCE_IAM="1")


@pytest.fixture(scope="session")
def verifying_engine(start_engine: StartEngine) -> Engine:
    """An engine that verifies signatures, and enforces IAM. Its clients sign with the root's key."""
    return start_engine(
        VERIFY_SIGNATURES="1",
        ENFORCE_IAM="1",
        ROOT_ACCESS_KEY_ID="ROOT" + secrets.token_hex(8).upper(),
        ROOT_SECRET_ACCESS_KEY=secrets.token_urlsafe(30),
        DEBUG="1",  # for the routes that exist only with it, and for the most detailed log
        ENABLE_CONFIG_UPDATES="1",
    )


@pytest.fixture
def create_function(engine: Engine, runtime: str) -> Iterator[CreateFunction]:
    created: list[Function] = []

    def create(
        code: str, *, on: Engine = engine, files: Mapping[str, str] | None = None, **options: object
    ) -> Function:
        function = Function(f"f-{uuid.uuid4().hex[:12]}", on, on.client("lambda"))
        archive = zip_files({"main.py": code, **(files or {})})
        defaults = {"Runtime": runtime, "Handler": "main.handler", "Role": ROLE, "Timeout": 10}
        function.lambda_client.create_function(
            FunctionName=function.name, Code={"ZipFile": archive}, **(defaults | options)
        )
        created.append(function)
        function.lambda_client.get_waiter("function_active_v2").wait(FunctionName=function.name, WaiterConfig=OFTEN)
        return function

    yield create
    for function in created:
        if function.engine.process.poll() is None:
            function.delete()


@pytest.fixture(scope="session")
def runtime(engine_python: Path) -> str:
    """The Lambda runtime that the engine's own Python serves."""
    command = [str(engine_python), "-c", "import sys; print('python%d.%d' % sys.version_info[:2])"]
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=30).stdout.strip()
