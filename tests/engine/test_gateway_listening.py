"""The sockets on which all processes of an engine listen, and from where they can be reached."""

import json
import socket
import sys
import urllib.request
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil
import pytest

from support.distributions import make_config
from support.plugin_engine import CreateFunction, Engine, Function, StartEngine, launch, pick_port
from support.sockets import assert_on_loopback_alone, gets_through, listening, other_addresses
from support.waiting import wait_until

LINUX: Final = pytest.mark.skipif(sys.platform != "linux", reason="only there are all of 127.0.0.0/8 this machine's")
CALLS_ENGINE: Final = """
import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]
"""


def _port(engine: Engine) -> int:
    port = urlsplit(engine.url).port
    assert port is not None
    return port


def _gateways(engine: Engine) -> set[str]:
    """The addresses at which the gateway listens."""
    return {each.address for each in listening(engine.process.pid) if each.port == _port(engine)}


def _interface() -> str:
    """An IPv4 address of this machine that is not of loopback, or at least not the usual one."""
    found = [address for address in other_addresses() if ":" not in address]
    return next((address for address in found if not address.startswith("127.")), found[0])


def _answers(address: str, port: int) -> bool:
    host = f"[{address}]" if ":" in address else address
    with urllib.request.urlopen(f"http://{host}:{port}/_localstack/health", timeout=10) as answer:
        return "services" in json.load(answer)


def _use(engine: Engine, create_function: CreateFunction) -> Function:
    """Have an engine do what opens sockets: run a function, serve a distribution, keep a table and a queue."""
    function = create_function(CALLS_ENGINE, on=engine)
    assert b"assumed-role/plugin-test" in function.invoke()["Body"]
    engine.client("cloudfront").create_distribution(DistributionConfig=make_config())
    engine.client("dynamodb").create_table(
        TableName="t",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    queue = engine.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    name = engine.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    mapping = {"EventSourceArn": name["Attributes"]["QueueArn"], "FunctionName": function.name}
    engine.client("lambda").create_event_source_mapping(**mapping)
    engine.client("sqs").send_message(QueueUrl=queue, MessageBody="{}")
    function.read_log("START")
    return function


def test_with_the_readmes_setting_every_socket_is_on_loopback(
    start_engine: StartEngine, create_function: CreateFunction
) -> None:
    if gets_through("127.0.0.1", 4566):
        pytest.skip("something else listens on 127.0.0.1:4566, the README's address")
    engine = start_engine(GATEWAY_LISTEN="127.0.0.1:4566")
    _use(engine, create_function)

    # The gateway, the distribution's own port and the function's Runtime API.
    sockets = assert_on_loopback_alone(engine.process.pid, least=3)

    assert engine.url == "http://127.0.0.1:4566"
    assert all(each.address == "127.0.0.1" for each in sockets)
    assert _answers("127.0.0.1", 4566)


def test_an_engine_at_any_port_listens_only_on_loopback(
    start_engine: StartEngine, create_function: CreateFunction
) -> None:
    engine = start_engine(GATEWAY_LISTEN="127.0.0.1:{port}")
    _use(engine, create_function)

    assert_on_loopback_alone(engine.process.pid, least=3)
    assert _gateways(engine) == {"127.0.0.1"}


def test_a_name_means_its_addresses_and_an_address_that_is_named_twice_is_opened_once(
    start_engine: StartEngine,
) -> None:
    engine = start_engine(GATEWAY_LISTEN="localhost:{port},127.0.0.1:{port}")

    meant = {found[4][0] for found in socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)}
    assert _gateways(engine) == meant | {"127.0.0.1"}
    assert_on_loopback_alone(engine.process.pid)


def test_the_engine_works_on_ipv6_only(start_engine: StartEngine, create_function: CreateFunction) -> None:
    engine = start_engine(GATEWAY_LISTEN="[::1]:{port}")
    _use(engine, create_function)

    assert _gateways(engine) == {"::1"}
    assert not gets_through("127.0.0.1", _port(engine))
    assert_on_loopback_alone(engine.process.pid, least=3)


@LINUX
def test_at_several_addresses_without_the_usual_one_the_engine_works_and_listens_at_these(
    start_engine: StartEngine, create_function: CreateFunction
) -> None:
    interface = _interface()
    engine = start_engine(GATEWAY_LISTEN=f"{interface}:{{port}},127.0.0.3:{{port}}")
    _use(engine, create_function)

    assert _gateways(engine) == {interface, "127.0.0.3"}
    assert _answers(interface, _port(engine))
    assert _answers("127.0.0.3", _port(engine))
    assert not gets_through("127.0.0.1", _port(engine))
    # All other sockets stay on loopback, wherever the gateway listens.
    assert not [each for each in listening(engine.process.pid) if each.port != _port(engine) and not each.is_loopback]


@pytest.mark.parametrize("every", ["0.0.0.0", "[::]"])  # noqa: S104 - what is tested
def test_every_address_is_every_address(start_engine: StartEngine, every: str) -> None:
    engine = start_engine(GATEWAY_LISTEN=f"{every}:{{port}}")

    assert _gateways(engine) == {every.strip("[]")}
    ipv4 = ["127.0.0.1", *(each for each in other_addresses() if ":" not in each)]
    ipv6 = ["::1", *(each for each in other_addresses() if ":" in each)] if every == "[::]" else []
    assert all(_answers(address, _port(engine)) for address in [*ipv4, *ipv6])


def test_hypercorn_listens_on_the_configured_addresses(
    start_engine: StartEngine, create_function: CreateFunction
) -> None:
    engine = start_engine(GATEWAY_LISTEN="127.0.0.1:{port},[::1]:{port}", GATEWAY_SERVER="hypercorn")
    _use(engine, create_function)

    assert _gateways(engine) == {"127.0.0.1", "::1"}
    assert_on_loopback_alone(engine.process.pid, least=4)


def _fails(python: Path, folder: Path, **settings: str) -> str:
    """Start an engine that cannot, and return its last words."""
    engine = launch(python, folder, settings)
    try:
        assert engine.process.wait(timeout=120) == 1
    finally:
        engine.process.kill()
    words = engine.log.read_text()
    assert "Ready." not in words
    assert "Traceback" not in words
    return words


@pytest.mark.parametrize("server", ["twisted", "hypercorn"])
def test_a_port_in_use_stops_the_start_with_a_message(engine_python: Path, tmp_path: Path, server: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        words = _fails(engine_python, tmp_path, GATEWAY_LISTEN=f"127.0.0.1:{port}", GATEWAY_SERVER=server)

    assert f"Cannot listen on 127.0.0.1:{port} from GATEWAY_LISTEN: Address already in use" in words


def test_an_address_of_another_machine_stops_the_start_with_a_message(engine_python: Path, tmp_path: Path) -> None:
    words = _fails(engine_python, tmp_path, GATEWAY_LISTEN="127.0.0.1:{port},198.51.100.7:{port}")

    assert "Cannot listen on 198.51.100.7:" in words
    assert "from GATEWAY_LISTEN: C" in words  # "Cannot assign requested address", or as the system says it


def test_a_name_without_an_address_stops_the_start_with_a_message(engine_python: Path, tmp_path: Path) -> None:
    words = _fails(engine_python, tmp_path, GATEWAY_LISTEN="nowhere.invalid:{port}")

    assert "from GATEWAY_LISTEN: the name has no address" in words


def _wait_for(engine: Engine, kind: str, port: int) -> None:
    def is_there() -> bool:
        assert engine.process.poll() is None, engine.log.read_text()
        return any((each.kind, each.port) == (kind, port) for each in listening(engine.process.pid))

    wait_until("the engine to answer", is_there, within_s=120)


def _opened(engine: Engine, port: int) -> set[str]:
    return {each.address for each in listening(engine.process.pid) if each.port == port}


NO_FURTHER: Final = pytest.mark.parametrize("gateway", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - what is tested
OUTSIDE_DOCKER: Final = {"OVERRIDE_IN_DOCKER": "0", "DNS_ADDRESS": ""}


@NO_FURTHER
def test_the_dns_server_listens_on_no_more_addresses_than_the_gateway(
    engine_python: Path, tmp_path: Path, gateway: str
) -> None:
    port = pick_port()
    own = {"GATEWAY_LISTEN": f"{gateway}:{{port}}", "DNS_SERVER": "127.0.0.1", "DNS_PORT": str(port)}
    engine = launch(engine_python, tmp_path, OUTSIDE_DOCKER | own)
    try:
        _wait_for(engine, "udp", port)
        _wait_for(engine, "tcp", port)
        assert _opened(engine, port) == {gateway}
    finally:
        engine.stop()


DEBUGGER: Final = """
import socket
def listen(address):
    globals()["kept"] = socket.create_server(address)
"""


@NO_FURTHER
def test_the_debugger_listens_on_no_more_addresses_than_the_gateway(
    engine_python: Path, tmp_path: Path, runtime: str, gateway: str
) -> None:
    if runtime != "python3.13":
        pytest.skip("LocalStack's debugger needs a Python on which threading.Lock is a class")
    tmp_path.joinpath("debugpy.py").write_text(DEBUGGER)  # LocalStack would fetch it from PyPI
    port = pick_port()
    own = {"GATEWAY_LISTEN": f"{gateway}:{{port}}", "DEVELOP": "1", "DEVELOP_PORT": str(port)}
    engine = launch(engine_python, tmp_path, OUTSIDE_DOCKER | own | {"DNS_ADDRESS": "0", "PYTHONPATH": str(tmp_path)})
    try:
        _wait_for(engine, "tcp", port)
        assert _opened(engine, port) == {gateway}
    finally:
        engine.stop()


def test_the_dns_server_listens_on_the_address_of_its_own_setting(engine_python: Path, tmp_path: Path) -> None:
    port = pick_port()
    settings = {"OVERRIDE_IN_DOCKER": "0", "DNS_ADDRESS": _interface(), "DNS_SERVER": "127.0.0.1"}
    engine = launch(engine_python, tmp_path, settings | {"DNS_PORT": str(port)})
    try:
        _wait_for(engine, "udp", port)
        assert _opened(engine, port) == {_interface()}
    finally:
        engine.stop()


def test_a_stopped_engine_leaves_no_socket(start_engine: StartEngine) -> None:
    engine = start_engine()
    pid = engine.process.pid
    engine.stop()

    assert not psutil.pid_exists(pid)
    assert not gets_through("127.0.0.1", _port(engine))
