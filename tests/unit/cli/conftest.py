import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from fakes.thumbpipe_api import FakeThumbpipeApi, serve_api
from thumbpipe.cli.main import app

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder, empty; nothing in the environment names an API."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("THUMBPIPE_CACHE", str(folder))
    monkeypatch.delenv("THUMBPIPE_API", raising=False)
    return folder


@pytest.fixture
def run() -> Run:
    """Run the command; an error that is no sentence fails the test."""

    def invoke(*arguments: object, **options: object) -> Result:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], **options)  # type: ignore[arg-type]  # handed on
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


@pytest.fixture
def api() -> Iterator[FakeThumbpipeApi]:
    with serve_api() as served:
        yield served


@pytest.fixture
def run_api(run: Run, api: FakeThumbpipeApi) -> Run:
    """Run a command against the API."""
    return lambda command, *arguments, **options: run(command, "--api", api.url, *arguments, **options)


@pytest.fixture
def jpeg() -> bytes:
    stream = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture
def photo(tmp_path: Path, jpeg: bytes) -> Path:
    path = tmp_path / "beach.jpg"
    path.write_bytes(jpeg)
    return path
