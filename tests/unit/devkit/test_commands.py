import errno
import shutil

import pytest

from thumbpipe_devkit import commands, errors


def _failing(error: Exception) -> object:
    def run(*_: object) -> int:
        raise error

    return run


@pytest.mark.parametrize(
    "error",
    [
        errors.PortTakenError("another process listens on 127.0.0.1:4566"),
        OSError(errno.ENOSPC, "No space left on device", "/cache"),
        shutil.Error([("a", "b", "[Errno 28] No space left on device: 'b'")]),
    ],
    ids=["set-up", "disk", "disk, while copying"],
)
def test_a_set_up_failure_is_one_message_and_status_1(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "_run", _failing(error))
    assert commands.main(["demo"]) == 1
    told = capsys.readouterr().err
    assert "Solution: " in told
    assert "Traceback" not in told


def test_an_error_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_run", _failing(PermissionError(errno.EACCES, "no")))
    with pytest.raises(PermissionError):
        commands.main(["demo"])


def test_down_where_nothing_is_up_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["down"]) == 0
    assert "No stack is up" in capsys.readouterr().out
