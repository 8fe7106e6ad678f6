"""Other users of the machine, and anyone without its keys, can read, send and run nothing.

Where this process is root's, the stranger is `nobody`. Elsewhere he is a process of our own without any of our keys,
and what only another user's tells (files, environments) is skipped.

The same tests attack the stack whose URLs are signed, in `test_strangers_signed.py`.
"""

import contextlib
import uuid
import zipfile
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil
import pytest

from support.attacks import calls, forms, messages_route, routes
from support.pipeline_client import PipelineClient
from support.sockets import listening_of, other_addresses
from support.stack import Stack
from support.strangers import Answer, Request, Signing, Stranger, client, form, request_of, signings
from support.target import Target, contents, files_of, is_behind, own_ports, planning, secrets_of
from thumbpipe_devkit.aws import get_signed
from thumbpipe_devkit.paths import cache_folder
from thumbpipe_devkit.runs.running_file import named
from thumbpipe_devkit.stack.lifecycle import Stack as DevkitStack

NEXT: Final = "/2018-06-01/runtime/invocation/next"
REFUSED_HOST: Final = {400, 403, 421}


@pytest.fixture(scope="module")
def target(deployed: DevkitStack, stack: Stack, pipeline: PipelineClient, jpeg: bytes) -> Target:
    return Target.prepare(deployed, stack, pipeline, jpeg)


def test_no_call_without_a_valid_key_is_answered(target: Target, stranger: Stranger) -> None:
    attacks = calls(target)
    services = {service for service, _, _ in attacks}
    answered: dict[str, Answer] = {}
    for how, signing in signings(target.stack.credentials.access_key_id).items():
        clients = {service: client(service, target.stack.endpoint_url, signing) for service in services}
        for service, what, call in attacks:
            answer = stranger.ask(request_of(clients[service], call))
            if not answer.is_refusal:
                answered[f"{service}: {what}, {how}"] = answer
    assert answered == {}


def test_the_same_call_of_the_root_is_answered(target: Target, stranger: Stranger) -> None:
    """This shows that only the key is missing."""
    key = target.stack.credentials
    signing = Signing(access_key_id=key.access_key_id, secret_access_key=key.secret_access_key)
    for service, call in (
        ("ssm", lambda ssm: ssm.get_parameter(Name=target.cursor_key_name, WithDecryption=True)),
        ("lambda", lambda functions: functions.list_functions()),
        ("sqs", lambda sqs: sqs.list_queues()),
        ("s3", lambda s3: s3.get_object(Bucket=target.stack.image_bucket, Key=target.raw_key)),
    ):
        called = client(service, target.stack.endpoint_url, signing)
        assert stranger.ask(request_of(called, call)).status == 200, service


def test_nothing_presigned_with_a_strangers_key_is_answered(target: Target, stranger: Stranger) -> None:
    bucket = target.stack.image_bucket
    answered = {}
    for how, signing in signings(target.stack.credentials.access_key_id).items():
        if not signing.access_key_id:
            continue
        s3 = client("s3", target.stack.endpoint_url, signing)
        for operation, method, body in (
            ("get_object", "GET", b""),
            ("head_object", "HEAD", b""),
            ("put_object", "PUT", b"evil"),
            ("delete_object", "DELETE", b""),
        ):
            url = s3.generate_presigned_url(operation, Params={"Bucket": bucket, "Key": target.raw_key})
            answer = stranger.ask(Request(method=method, url=url, body=body))
            if not answer.is_refusal:
                answered[f"{operation}, {how}"] = answer
    assert answered == {}


def test_only_the_issued_form_is_accepted(target: Target, stranger: Stranger, jpeg: bytes) -> None:
    bucket = target.stack.image_bucket
    promise, other = (target.pipeline.promise("a.jpg", "image/jpeg", len(jpeg)).json() for _ in range(2))
    url, fields = promise["upload"]["url"], promise["upload"]["fields"]
    key = f"raw/{uuid.uuid4().hex}.jpg"
    tried = forms(fields, other["upload"]["fields"], bucket, key)
    for how, signing in signings(target.stack.credentials.access_key_id).items():
        if signing.access_key_id:
            made = client("s3", target.stack.endpoint_url, signing).generate_presigned_post(bucket, key)
            tried[f"a policy of one's own, {how}"] = made["fields"]
    answers = {how: stranger.ask(form(url, given, jpeg)) for how, given in tried.items()}
    # For S3, an incomplete form is malformed before its signature is verified.
    assert {how: answer for how, answer in answers.items() if answer.status not in {400, 403}} == {}
    found = target.stack.client("s3").list_object_versions(Bucket=bucket, Prefix="raw/")
    there = {version["Key"] for version in found.get("Versions", [])}
    assert not there & {key, fields["key"], other["upload"]["fields"]["key"]}

    assert stranger.ask(form(url, fields, jpeg)).status == 204
    assert target.pipeline.ready(promise["id"])["state"] == "ready"


def test_the_engines_own_routes_are_closed_to_strangers(target: Target, stranger: Stranger) -> None:
    endpoint = target.stack.endpoint_url
    invented = (
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=test/20261128/us-east-1/cloudfront/aws4_request, SignedHeaders=host, Signature=0",
    )
    answered = {}
    for method, path in routes(target):
        for headers in ((), (invented,)):
            body = b'{"action": "kill"}' if method in {"POST", "PUT"} else b""
            answer = stranger.ask(Request(method=method, url=f"{endpoint}{path}", headers=headers, body=body))
            # For S3, a path that is not one of the engine's own routes is a missing key or bucket.
            if answer.status not in {400, 403, 404} or b"localstack" in answer.body:
                answered[method, path] = answer
    assert answered == {}
    assert target.engine.is_running()
    key = target.stack.credentials
    for path in ("/_aws/cloudfront/distributions", messages_route(target)):
        assert get_signed(f"{endpoint}{path}", "us-east-1", key).status_code == 200


def test_the_engine_discloses_only_that_it_is_running(target: Target, stranger: Stranger) -> None:
    """Health checks need no key."""
    for path in ("/_localstack/health", "/_localstack/init/ready"):
        answer = stranger.ask(Request(method="GET", url=f"{target.stack.endpoint_url}{path}"))
        assert answer.status == 200
        told = answer.body.decode()
        assert not [name for name in (target.stack.image_bucket, target.stack.catalog_table) if name in told]
        assert str(Path.home()) not in told


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "localhost.attacker.example",
        "127.0.0.1.attacker.example",
        "localhost@attacker.example",
        "attacker.example#localhost",
        "2130706433",
        "192.0.2.77",
        "",
    ],
)
def test_a_page_under_a_foreign_name_reads_nothing(host: str, target: Target, stranger: Stranger) -> None:
    """A name of the attacker's that he has lead to this machine (DNS rebinding)."""
    endpoint = target.stack.endpoint_url
    for name in (host, f"{host}:{target.port}", f"{host}:80"):
        for path in ("/", "/2015-03-31/functions/", "/_localstack/health", f"/{target.stack.image_bucket}"):
            answer = stranger.ask(Request(method="GET", url=f"{endpoint}{path}", headers=(("Host", name),)))
            assert answer.status in REFUSED_HOST, (name, path, answer)
            assert target.stack.image_bucket.encode() not in answer.body


def test_no_port_of_the_run_is_reached_from_another_address(target: Target, stranger: Stranger) -> None:
    sockets = [each for process in target.family for each in listening_of(process)]
    assert target.port in {each.port for each in sockets}
    assert [each for each in sockets if not each.is_loopback] == []
    assert other_addresses()
    for each in sockets:
        for address in other_addresses() if each.kind == "tcp" else ():
            assert stranger.connect(address, each.port) == "ECONNREFUSED", (address, each)
    # An open port would be reported.
    assert stranger.connect("127.0.0.1", target.port) == ""


def test_no_function_can_be_asked_or_answered_for_by_a_stranger(target: Target, stranger: Stranger) -> None:
    if not stranger.is_nobody:
        pytest.skip("only root may become another user; tests/engine/test_parts.py has other processes of the same one")
    ports = {each.port for each in listening_of(target.engine)} - {target.port, *own_ports(target)}
    assert ports, "a function has worked, and waits for more"
    for port in ports:
        host = (("Host", f"127.0.0.1:{port}"),)
        for method, path in (
            ("GET", NEXT),
            ("POST", "/2018-06-01/runtime/invocation/1/response"),
            ("POST", "/2018-06-01/runtime/init/error"),
        ):
            body = b"{}" if method == "POST" else b""
            answer = stranger.ask(Request(method=method, url=f"http://127.0.0.1:{port}{path}", headers=host, body=body))
            assert answer == Answer(error="closed"), (port, path)


def test_a_distributions_own_port_serves_only_what_is_public(target: Target, stranger: Stranger) -> None:
    engine = urlsplit(target.stack.endpoint_url).netloc
    named = (("User-Agent", "stranger"),)
    assert own_ports(target)
    for port in own_ports(target):
        url = f"http://127.0.0.1:{port}"
        page = stranger.ask(Request(method="GET", url=f"{url}/", headers=named))
        assert page.status == 200
        assert b"<title>" in page.body
        for method, path in [*routes(target), ("GET", "/2015-03-31/functions/")]:
            for host in ((), (("Host", engine),), (("Host", f"{target.stack.image_bucket}.s3.amazonaws.com"),)):
                answer = stranger.ask(Request(method=method, url=f"{url}{path}", headers=(*named, *host)))
                assert answer.status in {400, 403, 404, 405, 421}, (method, path, host, answer)
                assert b"FunctionName" not in answer.body


def test_no_file_of_the_run_is_open_to_others(target: Target, stranger: Stranger) -> None:
    run, cache = target.deployed.run, cache_folder()
    folders = [cache, *(cache / name for name in ("runs", "logs", "running")), run.folder, run.logs]
    assert {folder: oct(folder.stat().st_mode & 0o077) for folder in folders} == dict.fromkeys(folders, oct(0))
    files = list(files_of(target))
    names = {path.name for path in files}
    assert {f"{run.name}.json", "engine.log", "terraform.log", "terraform.tfstate", "devkit.auto.tfvars.json"} <= names
    told = [path for path in (cache / "running", run.logs, run.folder / "stack" / "infra") for path in path.iterdir()]
    logs_and_state = [path for path in told if path.suffix in {".json", ".log"} or "tfstate" in path.name]
    assert len(logs_and_state) >= 5
    assert [path for path in logs_and_state if path.stat().st_mode & 0o077] == []
    if not stranger.is_nobody:
        pytest.skip("the modes are as they should be; only root may become another user and try")
    opened = [path for path in [*folders, *files] if stranger.read(path) != "EACCES"]
    assert opened == []


def test_nothing_that_the_run_has_open_for_writing_is_open_to_others(target: Target, stranger: Stranger) -> None:
    """Wherever it lies."""
    opened = {
        Path(each.path) for process in target.family for each in process.open_files() if set(each.mode) & set("wa+")
    }
    assert opened
    exposed = [path for path in opened if path.is_file() and path.stat().st_mode & 0o077 and not is_behind(path)]
    assert exposed == []
    if stranger.is_nobody:
        assert [path for path in opened if path.is_file() and stranger.read(path) != "EACCES"] == []


def test_other_users_find_no_secret_in_environments_and_command_lines(
    target: Target, stranger: Stranger, tmp_path: Path
) -> None:
    hidden = secrets_of(target)
    with planning(target, tmp_path / "plan.bin") as terraform:
        assert terraform.environ()["AWS_SECRET_ACCESS_KEY"] == hidden[0]
        processes = [*target.family, terraform]
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                line = " ".join(process.cmdline())
                assert not [secret for secret in hidden if secret in line], process
        for process in processes if stranger.is_nobody else ():
            assert stranger.read(Path(f"/proc/{process.pid}/environ")) == "EACCES", process
        assert any(hidden[0] in process.environ().values() for process in target.family)
    if not stranger.is_nobody:
        pytest.skip("the command lines are as they should be; only root may become another user and read environments")


def test_a_function_does_not_get_the_roots_key(target: Target) -> None:
    functions = [process for process in target.family if any("launcher.py" in part for part in process.cmdline())]
    assert functions
    for function in functions:
        assert target.stack.credentials.secret_access_key not in function.environ().values()


def test_the_runs_key_is_in_no_log_state_plan_or_output(target: Target) -> None:
    plan = target.deployed.run.folder / "a-plan.bin"
    with planning(target, plan):
        pass
    assert zipfile.is_zipfile(plan), "the search looks into it"
    secret = target.stack.credentials.secret_access_key.encode()
    run = target.deployed.run
    told = cache_folder() / "running" / f"{run.name}.json"
    found = {path for path in files_of(target) if any(secret in content for content in contents(path))}
    # The search would find it: one file has it, which is there for it.
    assert found == {told}
    assert plan in set(files_of(target))
    assert secret.decode() not in target.deployed.steps.console.export_text(clear=False)
    holder = named(run.name)
    assert holder is not None
    assert secret.decode() not in repr((holder, target.deployed))


def test_a_photo_still_goes_through_after_all_that(target: Target, jpeg: bytes) -> None:
    image = target.pipeline.ready(target.pipeline.upload("after.jpg", jpeg))
    assert image["renditions"]
    assert [target.stack.http.get(each["url"]).status_code for each in image["renditions"]] == [200] * len(
        image["renditions"]
    )
    assert target.pipeline.show(target.image["id"]).status_code == 200
    functions = target.stack.client("lambda").list_functions()["Functions"]
    assert {function["FunctionName"] for function in functions} == set(target.stack.function_names.values())
    assert target.stack.client("iam").list_users()["Users"] == []
    assert target.stack.depth(target.stack.dead_letter_queue_url) == target.dead_letters
