import errno
from pathlib import Path
from unittest.mock import patch

import pytest
from PIL import Image

from thumbpipe.cli.outcome import Job, carry_out
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Recipe


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "There is too little memory. The file itself may be valid."),
        (OSError(errno.ENOSPC, "No space left"), "[Errno 28] No space left. The file itself may be valid."),
    ],
)
def test_a_fault_of_the_machine_is_an_outcome_and_not_the_files_fault(
    photo: Path, tmp_path: Path, error: Exception, message: str
) -> None:
    job = Job(path=photo, folder=tmp_path / "out", recipe=Recipe(widths=(16,)), limits=Limits())
    with patch.object(Image, "open", side_effect=error):
        outcome = carry_out(job)
    assert (outcome.code, outcome.message) == ("machine_fault", message)
