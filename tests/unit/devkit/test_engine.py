import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import support
from support.packages import make_wheel
from thumbpipe_devkit.engine import embedded, install
from thumbpipe_devkit.engine.embedded import EmbeddedEngine
from thumbpipe_devkit.engine.endpoint import EndpointEngine
from thumbpipe_devkit.engine.platforms import localstack_version
from thumbpipe_devkit.engine.ports import free_port, is_free
from thumbpipe_devkit.errors import (
    DiskFullError,
    EndpointUnreachableError,
    EngineDiedError,
    EngineInstallError,
    PackageCorruptError,
    PortTakenError,
    WrongPythonError,
)
from thumbpipe_devkit.processes.children import Children

FAKE_LOCALSTACK: Final = """
import http.server, json, os, sys
host, port = os.environ["GATEWAY_LISTEN"].split(":")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"completed": True}).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer((host, int(port)), Handler).serve_forever()
"""


@pytest.fixture
def localstack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small server in LocalStack's place; the file may be rewritten before the start."""
    package = tmp_path / "fake" / "localstack" / "runtime"
    package.mkdir(parents=True)
    main = package / "main.py"
    main.write_text(FAKE_LOCALSTACK)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path / "fake"}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(embedded, "install", lambda *_: python)
    return main


def _engine(children: Children, tmp_path: Path, port: int | None = None) -> EmbeddedEngine:
    logs = tmp_path / "logs"
    logs.mkdir(exist_ok=True)
    return EmbeddedEngine(children, state=tmp_path / "state", logs=logs, say=print, port=port)


@pytest.mark.usefixtures("localstack")
def test_a_started_engine_answers_on_loopback_until_it_is_stopped(tmp_path: Path) -> None:
    with Children() as children:
        engine = _engine(children, tmp_path)
        assert engine.start().endpoint_url.startswith("http://127.0.0.1:")
        assert engine.is_healthy()
        engine.stop()
        assert not engine.is_healthy()
        assert not (tmp_path / "state").exists()


@pytest.mark.usefixtures("localstack")
def test_a_stopped_engine_may_be_stopped_again(tmp_path: Path) -> None:
    with Children() as children:
        engine = _engine(children, tmp_path)
        engine.start()
        engine.stop()
        engine.stop()


@pytest.mark.usefixtures("localstack")
def test_an_engine_starts_on_the_requested_port(tmp_path: Path) -> None:
    port = free_port()
    with Children() as children:
        assert _engine(children, tmp_path, port).start().endpoint_url == f"http://127.0.0.1:{port}"


@pytest.mark.usefixtures("localstack")
def test_a_requested_port_in_use_is_an_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, Children() as children:
        engine = _engine(children, tmp_path, other.getsockname()[1])
        with pytest.raises(PortTakenError, match=str(other.getsockname()[1])):
            engine.start()


@pytest.mark.usefixtures("localstack")
def test_a_port_taken_in_the_meantime_is_replaced_by_another(tmp_path: Path) -> None:
    with Children() as children:
        engine = _engine(children, tmp_path)
        planned = engine.plan().endpoint_url
        with socket.create_server(("127.0.0.1", int(planned.rpartition(":")[2]))):
            assert engine.start().endpoint_url != planned


def test_an_engine_that_dies_shows_the_end_of_its_log(localstack: Path, tmp_path: Path) -> None:
    localstack.write_text("raise SystemExit('no module named moto')")
    with Children() as children, pytest.raises(EngineDiedError, match="no module named moto") as raised:
        _engine(children, tmp_path).start()
    assert raised.value.log == tmp_path / "logs" / "engine.log"


def test_the_users_settings_do_not_reach_the_engine(
    localstack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("LOCALSTACK_AUTH_TOKEN", "secret")
    monkeypatch.setenv("DISABLE_EVENTS", "0")
    localstack.write_text("import os, json; raise SystemExit(json.dumps(dict(os.environ)))")
    with Children() as children, pytest.raises(EngineDiedError) as raised:
        _engine(children, tmp_path).start()
    told = str(raised.value)
    assert '"DISABLE_EVENTS": "1"' in told
    assert not any(word in told for word in ("AWS_PROFILE", "LOCALSTACK_AUTH_TOKEN"))


def test_each_engine_gets_a_random_key_by_its_environment(localstack: Path, tmp_path: Path) -> None:
    localstack.write_text("import os, json; raise SystemExit(json.dumps([sys.argv, dict(os.environ)]))")
    localstack.write_text(f"import sys\n{localstack.read_text()}")
    keys = []
    for _ in range(2):
        with Children() as children:
            engine = _engine(children, tmp_path)
            key = engine.plan().credentials
            with pytest.raises(EngineDiedError) as raised:
                engine.start()
        told = str(raised.value)
        arguments, environment = json.loads(told[told.index("[[") : told.rindex("]") + 1])
        assert environment["VERIFY_SIGNATURES"] == "1"
        assert environment["ROOT_ACCESS_KEY_ID"] == key.access_key_id
        assert environment["ROOT_SECRET_ACCESS_KEY"] == key.secret_access_key
        assert key.secret_access_key not in " ".join(arguments)
        keys.append(key)
    assert keys[0] != keys[1]


def test_an_endpoint_that_does_not_answer_is_an_error() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(EndpointUnreachableError, match=url):
        EndpointEngine(url).start()


@pytest.mark.usefixtures("localstack")
def test_an_endpoint_is_attached_to_and_left_running(tmp_path: Path) -> None:
    with Children() as children:
        theirs = _engine(children, tmp_path).start().endpoint_url
        attached = EndpointEngine(f"{theirs}/")
        assert attached.start().endpoint_url == theirs
        attached.stop()
        assert attached.is_healthy()


@pytest.mark.parametrize(("python", "version"), [((3, 11), "4.13.1"), ((3, 12), "4.14.0"), ((3, 13), "4.14.0")])
def test_each_python_has_its_localstack(python: tuple[int, int], version: str) -> None:
    assert localstack_version(python) == version


def test_an_unsupported_python_is_reported() -> None:
    with pytest.raises(WrongPythonError, match=r"3\.14"):
        localstack_version((3, 14))


def test_a_port_is_free_until_a_process_listens() -> None:
    port = free_port()
    assert is_free(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)


def test_a_failed_installation_shows_pips_errors_and_leaves_nothing(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    log = tmp_path / "install.log"
    with Children() as children, pytest.raises(EngineInstallError, match="No matching distribution") as raised:
        install.install(children, log, print)
    assert raised.value.log == log
    assert [path.name for path in (cache / "engines").iterdir() if path.suffix != ".lock"] == []


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages that is all that pip sees."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", folder.as_uri())
    return folder


def test_an_engine_whose_package_has_another_hash_is_refused_and_leaves_nothing(
    offline: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = make_wheel(offline, "frames", "1.0")
    monkeypatch.setattr(install, "LOCKS", tmp_path)
    (tmp_path / "build.txt").write_text(f"frames==1.0 --hash=sha256:{right}\n")
    (tmp_path / f"engine-{localstack_version()}.txt").write_text(f"frames==1.0 --hash=sha256:{right}\n")
    make_wheel(offline, "frames", "1.0", files={"frames.py": "import everything"})
    log = tmp_path / "install.log"

    with Children() as children, pytest.raises(PackageCorruptError, match=r": frames==1\.0\n") as raised:
        install.install(children, log, print)

    assert raised.value.log == log
    assert [path.name for path in (cache / "engines").iterdir() if path.suffix != ".lock"] == []


BACKEND: Final = """
from pathlib import Path
from support.packages import make_wheel
def build_wheel(folder, *_, **__):
    make_wheel(Path(folder), "frames", "1.0", files={"frames.py": "made_by = 'what is there'"})
    return "frames-1.0-py3-none-any.whl"
"""


def test_source_distributions_are_built_with_installed_tools_and_nothing_is_downloaded(
    offline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = tmp_path / "frames"
    sources.mkdir()
    tool = '[build-system]\nrequires = ["a-tool-of-the-net"]\nbuild-backend = "carpenter"\n'
    (sources / "pyproject.toml").write_text(tool)
    make_wheel(offline, "carpenter", "1", files={"carpenter.py": BACKEND})
    monkeypatch.setenv("PYTHONPATH", str(Path(support.__file__).parents[1]))
    base, layer = tmp_path / "base", tmp_path / "layer"

    with Children() as children:
        install.make(children, base, tmp_path / "log", [["carpenter"]])
        install.make(children, layer, tmp_path / "log", [["--no-deps", sources]], below=base)

    assert install.site_packages(layer).joinpath("frames.py").read_text() == "made_by = 'what is there'"


def test_an_installation_on_a_full_disk_is_reported_as_such(tmp_path: Path) -> None:
    log = tmp_path / "install.log"
    log.write_text("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n")
    with Children() as children, pytest.raises(DiskFullError) as raised:
        install.make(children, tmp_path / "base", log, [[tmp_path / "no such package"]])
    assert raised.value.log == log
    assert not (tmp_path / "base").exists()


def test_the_top_layers_python_sees_the_base_layer(tmp_path: Path) -> None:
    base, layer = tmp_path / "base", tmp_path / "layer"
    with Children() as children:
        install.make(children, base, tmp_path / "log", [])
        install.site_packages(base).joinpath("below.py").write_text("where = 'below'")
        install.make(children, layer, tmp_path / "log", [], below=base)
    told = subprocess.run(
        [layer / "bin" / "python", "-c", "import below; print(below.where)"], capture_output=True, check=True
    )
    assert told.stdout == b"below\n"
