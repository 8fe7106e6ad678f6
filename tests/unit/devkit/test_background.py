import signal
import subprocess
import sys
import threading
import time

import pytest

from thumbpipe_devkit.paths import CHECKOUT
from thumbpipe_devkit.processes.background import Background
from thumbpipe_devkit.processes.signals import Interrupted


def test_results_and_errors_are_returned() -> None:
    with Background() as background:
        assert background.submit(divmod, 7, 2).result() == (3, 1)
        with pytest.raises(ZeroDivisionError):
            background.submit(divmod, 7, 0).result()


def test_work_that_never_ends_does_not_keep_the_process() -> None:
    program = (
        "import threading, thumbpipe_devkit.processes.background as b\n"
        "b._LAST_WORDS_S = 0.1\n"
        "with b.Background() as background: background.submit(threading.Event().wait)"
    )
    begin = time.monotonic()
    subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": str(CHECKOUT / "src")}, check=True, timeout=20)
    assert time.monotonic() - begin < 10


def test_a_signal_while_work_is_started_is_raised_as_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: threading.Thread) -> None:
        raise Interrupted(signal.SIGINT)

    monkeypatch.setattr(threading.Thread, "start", interrupt)
    with pytest.raises(Interrupted), Background() as background:
        background.submit(divmod, 7, 2)
