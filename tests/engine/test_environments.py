"""What surrounds a function: variables, folders, credentials, packages, layers."""

import json
import os
import shutil
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import WaiterError

from support.plugin_engine import CreateFunction, Engine, Function, StartEngine, zip_files
from support.waiting import wait_until

REPORT_ENVIRON: Final = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"
KEEP_FILE: Final = """
import os, tempfile
def handler(event, context):
    folder = tempfile.gettempdir()
    before = os.listdir(folder)
    open(os.path.join(folder, "kept"), "w").close()
    return {"folder": folder, "before": before, "exit": os._exit(1) if event.get("exit") else None}
"""
WHO_AM_I: Final = """
import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]
"""
IMPORTS: Final = """
import importlib, sys
def handler(event, context):
    found = {}
    for name in event["names"]:
        try:
            found[name] = importlib.import_module(name).__file__
        except ImportError:
            found[name] = None
    return {"found": found, "path": sys.path, "version": sys.version_info[:2]}
"""


def _call(function: Function, event: object = None) -> Any:  # noqa: ANN401 - whatever the function answers
    answer = function.invoke(json.dumps(event or {}).encode())
    assert "FunctionError" not in answer, answer["Body"]
    return json.loads(answer["Body"])


def test_variables_are_lambdas_and_the_functions_own(create_function: CreateFunction, runtime: str) -> None:
    function = create_function(REPORT_ENVIRON, MemorySize=192, Environment={"Variables": {"OWN": "värdé"}})

    environ = _call(function)

    assert environ["OWN"] == "värdé"
    assert environ["AWS_LAMBDA_FUNCTION_NAME"] == function.name
    assert environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "192"
    assert environ["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST"
    assert environ["AWS_LAMBDA_LOG_GROUP_NAME"] == f"/aws/lambda/{function.name}"
    assert environ["AWS_REGION"] == environ["AWS_DEFAULT_REGION"] == "us-east-1"
    assert environ["AWS_EXECUTION_ENV"] == f"AWS_Lambda_{runtime}"
    assert environ["AWS_ENDPOINT_URL"] == function.engine.url
    assert environ["_HANDLER"] == "main.handler"
    assert environ["_X_AMZN_TRACE_ID"].startswith("Root=")
    assert "LAMBDA_RUNTIME_EXECUTOR" not in environ


def test_each_environment_has_a_temporary_folder_that_outlasts_a_crash(create_function: CreateFunction) -> None:
    one, other = create_function(KEEP_FILE), create_function(KEEP_FILE)

    first = _call(one)
    one.invoke(b'{"exit": true}')
    second = _call(one)
    elsewhere = _call(other)

    assert (first["before"], second["before"], elsewhere["before"]) == ([], ["kept"], [])
    assert first["folder"] == second["folder"] != elsewhere["folder"]


def test_calls_are_made_as_the_functions_role(create_function: CreateFunction) -> None:
    function = create_function(WHO_AM_I, Role="arn:aws:iam::000000000000:role/its-own-role")

    assert _call(function) == f"arn:aws:sts::000000000000:assumed-role/its-own-role/{function.name}"


def test_a_function_finds_boto3_but_no_other_package_of_the_engine(create_function: CreateFunction) -> None:
    names = ["boto3", "botocore", "awslambdaric", "localstack", "moto", "thumbpipe_localstack", "yaml", "pip"]

    found = _call(create_function(IMPORTS), {"names": names})["found"]

    assert [name for name in names if found[name]] == ["boto3", "botocore", "awslambdaric"]


def test_the_functions_own_package_precedes_the_runtimes(create_function: CreateFunction) -> None:
    function = create_function(IMPORTS, files={"boto3/__init__.py": "", "json.py": "from_zip = True"})

    answer = _call(function, {"names": ["boto3"]})

    assert answer["found"]["boto3"] == str(Path(answer["path"][0]) / "boto3" / "__init__.py")


def test_layers_are_found_below_the_functions_code_and_later_ones_win(
    create_function: CreateFunction, runtime: str
) -> None:
    function = create_function(IMPORTS, files={"both.py": ""})
    client = function.lambda_client
    arns = [
        client.publish_layer_version(LayerName=f"{function.name}-{number}", Content={"ZipFile": zip_files(files)})[
            "LayerVersionArn"
        ]
        for number, files in enumerate(
            [
                {"python/one.py": "", "python/both.py": "", "python/shared.py": "WHICH = 1"},
                {f"python/lib/{runtime}/site-packages/two.py": "", "python/shared.py": "WHICH = 2", "bin/tool": ""},
            ]
        )
    ]

    function.configure(Layers=arns)
    found = _call(function, {"names": ["one", "two", "both", "shared"]})["found"]

    assert all(found.values())
    assert Path(found["one"]).parent.name == "python"
    assert Path(found["both"]).parent.name == "code"
    assert Path(found["shared"]).read_text() == "WHICH = 2"


def test_new_code_reaches_the_next_invocation(create_function: CreateFunction) -> None:
    function = create_function("def handler(event, context):\n    return 1\n")
    assert _call(function) == 1

    function.replace_code(zip_files({"main.py": "def handler(event, context):\n    return 2\n"}))

    assert _call(function) == 2


def test_new_configuration_reaches_the_next_invocation(create_function: CreateFunction) -> None:
    function = create_function(REPORT_ENVIRON, files={"other.py": REPORT_ENVIRON})
    assert "ADDED" not in _call(function)

    function.configure(Environment={"Variables": {"ADDED": "yes"}}, MemorySize=256, Handler="other.handler", Timeout=7)
    environ = _call(function)

    assert environ["ADDED"] == "yes"
    assert environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environ["_HANDLER"] == "other.handler"


def _find_other_runtimes(runtime: str) -> list[str]:
    # A version manager's shim may exist for versions that do not run: ask them.
    return [
        name
        for name in ("python3.11", "python3.12", "python3.13")
        # The names are the three above.
        if name != runtime and shutil.which(name) and os.system(f"{name} -c '' >/dev/null 2>&1") == 0  # noqa: S605
    ]


def test_another_python_of_this_machine_runs_its_runtime(create_function: CreateFunction, runtime: str) -> None:
    others = _find_other_runtimes(runtime)
    if not others:
        pytest.skip("this machine has one Python only")

    answer = _call(create_function(IMPORTS, Runtime=others[0]), {"names": ["boto3"]})

    assert f"python3.{answer['version'][1]}" == others[0]
    assert answer["found"]["boto3"]


@pytest.fixture(scope="module")
def other_user_engine(start_engine: StartEngine, tmp_path_factory: pytest.TempPathFactory, runtime: str) -> Engine:
    """An engine of somebody with AWS settings, a secret, and a shim for a Python that is not there."""
    home = tmp_path_factory.mktemp("home")
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text("[default]\nendpoint_url = http://127.0.0.1:1\n")
    shim = home / _get_missing(runtime)
    shim.write_text("#!/bin/sh\necho this version is not active >&2\nexit 127\n")
    shim.chmod(0o755)
    return start_engine(HOME=str(home), PATH=str(home), UNRELATED_SETTING="value")


def _get_missing(runtime: str) -> str:
    return "python3.12" if runtime != "python3.12" else "python3.13"


def test_settings_and_secrets_of_the_user_do_not_reach_a_function(
    create_function: CreateFunction, other_user_engine: Engine
) -> None:
    environ = _call(create_function(REPORT_ENVIRON, on=other_user_engine))

    assert not (Path(environ["HOME"]) / ".aws").exists()
    assert "UNRELATED_SETTING" not in environ


def test_a_runtime_without_interpreter_fails_and_names_the_solution(
    create_function: CreateFunction, other_user_engine: Engine, runtime: str
) -> None:
    missing = _get_missing(runtime)

    with pytest.raises(WaiterError, match="FunctionActiveV2 failed") as failure:
        create_function("", on=other_user_engine, Runtime=missing)

    reason = str(failure.value.last_response)
    assert f"No Python {missing.removeprefix('python')} was found for the runtime {missing}" in reason
    assert f"create the function with the runtime {runtime}" in reason
    assert f"{missing} does not run: this version is not active" in reason


def test_a_function_whose_runtime_cannot_run_is_updated_all_the_same(
    create_function: CreateFunction, other_user_engine: Engine, runtime: str
) -> None:
    with pytest.raises(WaiterError, match="FunctionActiveV2 failed"):
        create_function("def handler(event, context): return 1", on=other_user_engine, Runtime="nodejs20.x")
    client = other_user_engine.client("lambda")
    name = client.list_functions()["Functions"][-1]["FunctionName"]
    function = Function(name, other_user_engine, client)

    client.update_function_configuration(FunctionName=name, MemorySize=256)
    still = wait_until("the update", lambda: _find_update(client, name))
    client.update_function_code(FunctionName=name, ZipFile=zip_files({"main.py": "def handler(*_): return 2"}))
    wait_until("the update", lambda: _find_update(client, name))
    function.configure(Runtime=runtime)

    assert (still["State"], still["LastUpdateStatus"], still["MemorySize"]) == ("Failed", "Failed", 256)
    assert function.invoke()["Body"] == b"2"
    assert client.get_function_configuration(FunctionName=name)["State"] == "Active"
    function.delete()


def _find_update(client: Any, name: str) -> dict[str, Any] | None:  # noqa: ANN401 - boto3 makes its clients at run time
    found: dict[str, Any] = client.get_function_configuration(FunctionName=name)
    return None if found["LastUpdateStatus"] == "InProgress" else found


def test_a_runtime_that_is_not_python_is_refused(create_function: CreateFunction) -> None:
    with pytest.raises(WaiterError, match="FunctionActiveV2 failed"):
        create_function("", Runtime="nodejs20.x")
