"""The settings, and the secret that leaves the environment."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest

from thumbpipe_localstack.signatures.body import Body
from thumbpipe_localstack.signatures.settings import SettingsError, read_root_key, read_switch

SOURCES: Final = Path(__file__).parents[4] / "src"


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("true", True), ("", False), ("0", False)])
def test_the_switch_is_on_or_off(value: str, expected: bool) -> None:  # noqa: FBT001 - what is expected
    assert read_switch({"VERIFY_SIGNATURES": value}) is expected
    assert read_switch({}) is False


@pytest.mark.parametrize("value", ["yes", "on", "2", " 1"])
def test_what_is_neither_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="VERIFY_SIGNATURES"):
        read_switch({"VERIFY_SIGNATURES": value})


def test_the_root_key_is_whole_and_its_secret_is_not_shown() -> None:
    key = read_root_key({"ROOT_ACCESS_KEY_ID": "id", "ROOT_SECRET_ACCESS_KEY": "verysecret"})
    assert (key.access_key, key.secret) == ("id", "verysecret")
    assert "verysecret" not in repr(key)


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({}, "ROOT_ACCESS_KEY_ID and ROOT_SECRET_ACCESS_KEY"),
        ({"ROOT_ACCESS_KEY_ID": "id"}, "set ROOT_SECRET_ACCESS_KEY"),
        ({"ROOT_ACCESS_KEY_ID": "id", "ROOT_SECRET_ACCESS_KEY": " "}, "set ROOT_SECRET_ACCESS_KEY"),
        ({"ROOT_SECRET_ACCESS_KEY": "verysecret"}, "set ROOT_ACCESS_KEY_ID"),
    ],
)
def test_half_a_key_is_refused_and_the_message_says_what_to_set(environ: dict[str, str], missing: str) -> None:
    with pytest.raises(SettingsError, match=missing) as refused:
        read_root_key(environ)
    assert "verysecret" not in str(refused.value)


@pytest.mark.parametrize("access_key", ["a/b", "a b", "ä", "injectedaccesskey", "__internal_call__", "a,b=c"])
def test_an_invalid_key_id_is_refused(access_key: str) -> None:
    with pytest.raises(SettingsError, match="ROOT_ACCESS_KEY_ID"):
        read_root_key({"ROOT_ACCESS_KEY_ID": access_key, "ROOT_SECRET_ACCESS_KEY": "verysecret"})


PROGRAM: Final = """
import os, pathlib, subprocess, sys
from thumbpipe_localstack.signatures.settings import forget_secret
before = pathlib.Path("/proc/self/environ")
assert not before.exists() or b"verysecret" in before.read_bytes()
forget_secret(os.environ)
assert not {"ROOT_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"} & os.environ.keys()
assert b"verysecret" not in subprocess.run(["env"], capture_output=True, check=True).stdout
assert not before.exists() or b"verysecret" not in before.read_bytes()
assert os.environ["OTHER"] == "kept"
"""


def test_the_secret_leaves_the_environment_and_what_the_system_shows_of_it() -> None:
    secrets = dict.fromkeys(["ROOT_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"], "verysecret")
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCES), "OTHER": "kept", **secrets}
    subprocess.run([sys.executable, "-c", PROGRAM], env=environ, check=True, timeout=60)


class Pipe(BytesIO):
    """A body that comes over the wire and cannot be read twice."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise OSError


@pytest.mark.parametrize("kind", [BytesIO, Pipe])
def test_a_body_can_be_read_after_it_was_hashed(kind: type[BytesIO]) -> None:
    environ = {"wsgi.input": kind(b"abc" * 1_000_000)}
    body = Body(environ)
    assert body.sha256() == body.sha256()
    with environ["wsgi.input"] as stream:
        assert stream.read() == b"abc" * 1_000_000
