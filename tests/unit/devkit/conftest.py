from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("THUMBPIPE_CACHE", str(folder))
    for name in ("THUMBPIPE_TF_MIRROR", "THUMBPIPE_TERRAFORM", "THUMBPIPE_TERRAFORM_RELEASES"):
        monkeypatch.delenv(name, raising=False)
    return folder
