from pathlib import Path

import pytest

from thumbpipe_devkit.bundle.__main__ import main


def test_a_failure_is_a_sentence_on_standard_error_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["--out", str(tmp_path), "no-such-function"])

    assert status == 1
    assert "thumbpipe.entrypoints.no-such-function does not exist" in capsys.readouterr().err


def test_an_unknown_architecture_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--architecture", "vax"])

    assert caught.value.code == 2
    assert "arm64" in capsys.readouterr().err
