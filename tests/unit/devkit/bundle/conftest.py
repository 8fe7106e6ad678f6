import base64
import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

FILES: Final = {
    "pictureshop/__init__.py": "",
    "pictureshop/entrypoints/__init__.py": "",
    "pictureshop/entrypoints/resize.py": (
        "from typing import TYPE_CHECKING\n\n"
        "import frames\n"
        "from pictureshop.core import scale\n\n"
        "if TYPE_CHECKING:\n    from pictureshop.core import typing_only\n\n\n"
        "def handler(event: dict, context: object) -> str:\n    return scale.SIZE + frames.COLOUR\n"
    ),
    "pictureshop/entrypoints/serve.py": "def handler(event: dict, context: object) -> str:\n    return 'served'\n",
    "pictureshop/core/__init__.py": "from pictureshop.core import always\n",
    "pictureshop/core/always.py": "",
    "pictureshop/core/scale.py": (
        "SIZE = 'small'\n\n\ndef later():\n    from pictureshop.core.late import LATE\n    return LATE\n"
    ),
    "pictureshop/core/late.py": "LATE = 1\n",
    "pictureshop/core/typing_only.py": "",
    "pictureshop/core/unused.py": "",
    "pictureshop/cli/__init__.py": "",
}


@pytest.fixture
def example_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An importable package `pictureshop` in a folder with a space; the folder is returned."""
    root = tmp_path / "my source"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(root))
    return root


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all that pip sees."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in ("PIP_CONFIG_FILE", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", folder.as_uri())
    return folder


@pytest.fixture
def make_wheel(wheels: Path) -> Callable[..., str]:
    """Make a wheel of a distribution `frames`; its locked requirement is returned."""

    def make(tag: str = "py3-none-any", colour: str = "oak") -> str:
        files = {
            "frames/__init__.py": f"COLOUR = '{colour}'\n",
            "frames-1.0.data/scripts/frame": "#!python\n",
            "frames-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: frames\nVersion: 1.0\n",
            "frames-1.0.dist-info/licenses/LICENSE": "Do what you like.\n",
            "frames-1.0.dist-info/entry_points.txt": "[console_scripts]\nframe2 = frames:COLOUR\n",
            "frames-1.0.dist-info/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
        }
        record = "".join(f"{name},sha256={_digest(text)},{len(text)}\n" for name, text in files.items())
        path = wheels / f"frames-1.0-{tag}.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
            archive.writestr("frames-1.0.dist-info/RECORD", record + "frames-1.0.dist-info/RECORD,,\n")
        return f"frames==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"

    return make


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def requirements(tmp_path: Path, make_wheel: Callable[..., str]) -> Path:
    """The locked dependencies of `resize` and `serve`: the first has one, the second has none."""
    folder = tmp_path / "requirements"
    folder.mkdir()
    (folder / "resize.txt").write_text(make_wheel())
    (folder / "serve.txt").write_text("")
    return folder
