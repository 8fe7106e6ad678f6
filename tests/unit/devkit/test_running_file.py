import json
import os
import stat
from pathlib import Path
from typing import Final

import pytest

from thumbpipe_devkit.aws import Credentials
from thumbpipe_devkit.runs import running_file

KEY: Final = Credentials.make()
OUTPUTS: Final = {
    name: f"a {name}"
    for name in (
        "api_url",
        "page_url",
        "endpoint_url",
        "region",
        "image_bucket",
        "catalog_table",
        "queue_url",
        "dead_letter_queue_url",
    )
}


def test_a_running_stack_is_found_by_its_checkout_and_command() -> None:
    running_file.write("a", OUTPUTS, KEY, "up")
    found = running_file.of_this_checkout("up")
    assert found is not None
    assert (found.pid, found.api_url) == (os.getpid(), "a api_url")
    assert running_file.of_this_checkout("demo") is None


def test_a_running_stack_is_found_by_its_runs_name() -> None:
    running_file.write("a", OUTPUTS, KEY, "up")
    running_file.write("b", OUTPUTS, KEY, "e2e")
    found = running_file.named("b")
    assert found is not None
    assert (found.run, found.command) == ("b", "e2e")
    assert running_file.named("c") is None


def test_a_stack_of_another_checkout_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_file, "CHECKOUT", Path("/elsewhere"))
    running_file.write("a", OUTPUTS, KEY, "up")
    monkeypatch.undo()
    assert running_file.of_this_checkout("up") is None


def _rewrite(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_dead_process_runs_nothing_and_its_file_is_removed_by_the_next() -> None:
    path = running_file.write("dead", OUTPUTS, KEY, "up")
    _rewrite(path, pid=2**22 + 1)
    assert running_file.of_this_checkout("up") is None
    running_file.write("next", OUTPUTS, KEY, "up")
    assert not path.exists()


def test_a_process_with_the_pid_of_a_dead_one_is_not_confused_with_it() -> None:
    _rewrite(running_file.write("dead", OUTPUTS, KEY, "up"), started_at=1.0)
    assert running_file.of_this_checkout("up") is None


def test_a_file_of_another_shape_is_ignored() -> None:
    running_file.write("a", OUTPUTS, KEY, "up").with_name("b.json").write_text('{"later": 1}')
    assert running_file.of_this_checkout("up") is not None


def test_only_its_user_can_read_the_key_of_a_running_stack(cache: Path) -> None:
    before = os.umask(0)
    try:
        path = running_file.write("a", OUTPUTS, KEY, "up")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, cache)] == [0o600, 0o700, 0o700]
    found = running_file.of_this_checkout("up")
    assert found is not None
    assert found.credentials == KEY
    assert KEY.secret_access_key not in repr(found)


def test_the_newest_of_several_commands_stacks_is_found() -> None:
    running_file.write("a", OUTPUTS, KEY, "up")
    running_file.write("b", OUTPUTS, KEY, "demo")
    found = running_file.of_this_checkout("up", "demo")
    assert found is not None
    assert found.run == "b"
