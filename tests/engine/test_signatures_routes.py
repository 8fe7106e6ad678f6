"""LocalStack's own routes: all are listed, and those that reveal or change something are for the root user."""

import json
import subprocess
import uuid
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from support.plugin_engine import Engine
from support.signed_requests import Answer, Keys, make, send, sign

PROGRAM: Final = Path(__file__).parents[1] / "support" / "list_routes.py"
LIST_SECONDS: Final = 240

READABLE: Final = ["/_localstack/health", "/_localstack/init", "/_localstack/init/ready"]
ROOTS: Final = [
    *("/_aws/cloudfront/distributions", "/_aws/sqs/messages", "/_aws/ses", "/_aws/sns/sms-messages"),
    *("/_aws/sns/platform-endpoint-messages", "/_aws/cloudwatch/metrics/raw"),
    *("/_localstack/info", "/_localstack/plugins", "/_localstack/config", "/_localstack/diagnose"),
    *("/_localstack/usage", "/_localstack/swagger", "/openapi.yaml"),
]


@pytest.fixture(scope="module", autouse=True)
def _services(verifying_engine: Engine) -> None:
    """Load the services whose routes are tested: LocalStack loads each on first use."""
    verifying_engine.client("cloudwatch").list_metrics()
    verifying_engine.client("dynamodb").list_tables()
    verifying_engine.client("ses").list_identities()
    verifying_engine.client("sns").list_topics()
    verifying_engine.client("sqs").list_queues()


def test_every_route_of_a_running_engine_is_classified(engine_python: Path, tmp_path: Path) -> None:
    """All services that there are bring their routes, in the process that LocalStack would serve from."""
    environ = {
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "FILESYSTEM_ROOT": str(tmp_path / "root"),
        "OVERRIDE_IN_DOCKER": "0",
        "LOCALSTACK_VOLUME_DIR": str(tmp_path / "volume"),
        "GATEWAY_LISTEN": "127.0.0.1:4566",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "DNS_ADDRESS": "0",
        "DEBUG": "1",
        "ENABLE_CONFIG_UPDATES": "1",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
    }
    ran = subprocess.run(
        [str(engine_python), str(PROGRAM)],
        env=environ,
        capture_output=True,
        check=False,
        text=True,
        timeout=LIST_SECONDS,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    routes = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    paths = {route["path"] for route in routes}
    assert {
        "/_localstack/health",
        "/_aws/sqs/messages",
        "/_aws/cloudfront/distributions",
        "/_aws/dynamodb/expired",
    } < paths
    assert len(routes) > 40
    unknown = [route for route in routes if route["access"] is None]
    assert unknown == [], "put them into thumbpipe_localstack/signatures/routes.py"


@pytest.mark.parametrize("path", READABLE)
def test_the_readiness_route_is_public(verifying_engine: Engine, path: str) -> None:
    answer = send(verifying_engine, make(verifying_engine, "GET", path))
    assert answer.status == 200
    assert verifying_engine.secret_key.encode() not in answer.body
    assert verifying_engine.access_key.encode() not in answer.body


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/_localstack/health", b'{"action": "kill"}'),
        ("POST", "/_localstack/health", b'{"action": "restart"}'),
        ("PUT", "/_localstack/health", b'{"features:x": "y"}'),
        ("POST", "/_localstack/config", b'{"variable": "DEBUG", "value": "0"}'),
        ("DELETE", "/_aws/dynamodb/expired", b""),
        ("DELETE", "/_aws/ses", b""),
        ("DELETE", "/_aws/sns/sms-messages", b""),
        *(("GET", path, b"") for path in ROOTS),
    ],
)
def test_routes_that_reveal_or_change_something_are_for_the_root_user(
    verifying_engine: Engine, method: str, path: str, body: bytes
) -> None:
    engine = verifying_engine
    sent = make(engine, method, path, body=body, **({"Content_Type": "application/json"} if body else {}))
    answer = send(engine, sent)
    assert (answer.status, answer.code) == (403, "MissingAuthenticationTokenException")
    answer = send(engine, sign(sent, Keys("test", "test"), "sts"))
    assert (answer.status, answer.code) == (403, "UnrecognizedClientException")
    answer = send(engine, sign(sent, Keys(engine.access_key, "wrong"), "sts"))
    assert (answer.status, answer.code) == (403, "InvalidSignatureException")
    answer = send(engine, sign(sent, make_user(engine), "sts"))
    assert (answer.status, answer.code) == (403, "AccessDeniedException")
    assert engine.process.poll() is None


def make_user(engine: Engine) -> Keys:
    iam = engine.client("iam")
    name = f"u-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    return Keys.read(iam.create_access_key(UserName=name)["AccessKey"])


def ask_as_root(engine: Engine, method: str, path: str, service: str = "sts", body: bytes = b"") -> Answer:
    return send(engine, sign(make(engine, method, path, body=body), Keys.of(engine), service, region="eu-west-1"))


@pytest.mark.parametrize("path", [path for path in ROOTS if path != "/_localstack/diagnose"])
def test_the_root_is_answered(verifying_engine: Engine, path: str) -> None:
    assert ask_as_root(verifying_engine, "GET", path).status != 403


def test_the_root_lists_distributions_by_a_signature_for_cloudfront(verifying_engine: Engine) -> None:
    answer = ask_as_root(verifying_engine, "GET", "/_aws/cloudfront/distributions", "cloudfront")
    assert (answer.status, isinstance(json.loads(answer.body), list)) == (200, True)


def test_messages_of_a_queue_are_shown_only_to_the_root_user(verifying_engine: Engine) -> None:
    engine = verifying_engine
    sqs = engine.client("sqs")
    url = sqs.create_queue(QueueName=f"q-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="for the receiver alone")
    account, name = urlsplit(url).path.strip("/").split("/")
    for path in (f"/_aws/sqs/messages?QueueUrl={url}", f"/_aws/sqs/messages/us-east-1/{account}/{name}"):
        answer = send(engine, make(engine, "GET", path))
        assert (answer.status, b"receiver" in answer.body) == (403, False)
    path = f"/_aws/sqs/messages/us-east-1/{account}/{name}"
    assert b"for the receiver alone" in ask_as_root(engine, "GET", path).body


def test_neither_the_configuration_nor_the_diagnosis_reveals_the_secret(verifying_engine: Engine) -> None:
    for path in ("/_localstack/config", "/_localstack/diagnose", "/_localstack/info", "/_localstack/usage"):
        answer = ask_as_root(verifying_engine, "GET", path)
        assert answer.status in (200, 500), path  # LocalStack 4.13 cannot write its configuration on Python 3.11
        assert verifying_engine.secret_key.encode() not in answer.body, path


@pytest.mark.parametrize(
    "path",
    ["/_localstack/nothing", "/_aws/nothing", "/_aws/events/rules/x/trigger", "/_aws/lambda/runtimes", "/nothing"],
)
def test_a_missing_object_is_not_disclosed_to_anonymous_callers(verifying_engine: Engine, path: str) -> None:
    assert send(verifying_engine, make(verifying_engine, "GET", path)).status in (403, 404)
    assert send(verifying_engine, make(verifying_engine, "POST", path, body=b"{}")).status in (403, 404, 405)


@pytest.mark.parametrize(
    "path",
    ["//_localstack/info", "/_localstack/./info", "/_localstack/%69nfo", "/x/../_localstack/info", "/_LOCALSTACK/info"],
)
def test_no_alternative_spelling_of_a_path_is_a_bypass(verifying_engine: Engine, path: str) -> None:
    answer = send(verifying_engine, make(verifying_engine, "GET", path))
    assert answer.status in (308, 403, 404)
    assert b"session_id" not in answer.body


def test_the_certificate_of_sns_is_public(verifying_engine: Engine) -> None:
    verifying_engine.client("sns").list_topics()
    path = "/_aws/sns/SimpleNotificationService-6c6f63616c737461636b69736e696365.pem"
    answer = send(verifying_engine, make(verifying_engine, "GET", path))
    assert (answer.status, answer.body.startswith(b"-----BEGIN CERTIFICATE-----")) == (200, True)
