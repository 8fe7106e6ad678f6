"""With verification but without a root key, an engine does not start; by default, none verifies signatures."""

from pathlib import Path
from typing import Final

import pytest

from support.plugin_engine import Engine, launch
from support.signed_requests import Keys

EXIT_SECONDS: Final = 120


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"VERIFY_SIGNATURES": "1"}, "set ROOT_ACCESS_KEY_ID and ROOT_SECRET_ACCESS_KEY"),
        ({"VERIFY_SIGNATURES": "1", "ROOT_ACCESS_KEY_ID": "ROOT"}, "set ROOT_SECRET_ACCESS_KEY"),
        ({"VERIFY_SIGNATURES": "true", "ROOT_SECRET_ACCESS_KEY": "a-secret-of-this-test"}, "set ROOT_ACCESS_KEY_ID"),
        (
            {"VERIFY_SIGNATURES": "yes", "ROOT_ACCESS_KEY_ID": "a", "ROOT_SECRET_ACCESS_KEY": "b"},
            "VERIFY_SIGNATURES is",
        ),
    ],
)
def test_an_engine_without_a_whole_key_does_not_start(
    engine_python: Path, tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    engine = launch(engine_python, tmp_path, settings)
    try:
        assert engine.process.wait(EXIT_SECONDS) != 0
    finally:
        engine.stop()
    log = engine.log.read_text()
    assert message in log
    assert "Ready." not in log
    assert "a-secret-of-this-test" not in log


def test_without_the_setting_any_key_is_accepted(engine: Engine) -> None:
    assert Keys("test", "test").client(engine, "s3").list_buckets()
    assert Keys("000000000000", "anything").client(engine, "sqs").list_queues()
