"""Peak memory of pictures, growth over many, and what refused bombs cost; each measured in a process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from image_bench.sources import LARGE, PHOTOS, SPEED, bombs, made

LIMITS_MB: Final = {"JPEG": 400, "progressive": 400, "PNG": 700, "WebP": 700, "TIFF": 700}
GROWTH_PHOTOS: Final = 500

RENDER: Final = """
import json, re, resource, sys, time
from pathlib import Path
from thumbpipe.core.imaging.errors import InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Recipe
from thumbpipe.core.imaging.render import render
source, outcome = Path(sys.argv[1]).read_bytes(), "rendered"
started = time.perf_counter()
try:
    render(source, Recipe(), Limits(max_bytes=1 << 30) if len(sys.argv) > 2 else Limits())
except InvalidImageError as error:
    outcome = error.code.value
elapsed = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
status = Path("/proc/self/status")
if status.exists():  # a child's maxrss starts with its parent's; this does not
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) / 1024
print(json.dumps({"outcome": outcome, "ms": round(elapsed * 1000, 1), "peak_mb": round(peak)}))
"""

GROWTH: Final = """
import json, sys
from itertools import cycle, islice
from pathlib import Path
import psutil
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Recipe
from thumbpipe.core.imaging.render import render
sources = [Path(name).read_bytes() for name in sys.argv[2:]]
measured = []
for number, source in enumerate(islice(cycle(sources), int(sys.argv[1]))):
    render(source, Recipe(widths=(160, 320)), Limits())
    if (number + 1) % 50 == 0:
        measured.append(round(psutil.Process().memory_info().rss / 2**20, 1))
print(json.dumps(measured))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one file cost the process that was given it."""

    name: str
    size: int
    outcome: str
    ms: float
    peak_mb: int
    limit_mb: int


def pictures() -> Iterator[Cost]:
    """Render a picture of each format, of 12, 48 and 100 megapixels."""
    for name, make in {**SPEED, **LARGE}.items():
        limit = LIMITS_MB[name.split()[0]] if "100 MP" in name else 250
        yield _cost(name, made(name, make), limit, "large")


def refusals() -> Iterator[Cost]:
    """Render each bomb."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in bombs().items():
            path = Path(folder, "bomb")
            path.write_bytes(content)
            yield _cost(name, path, 150)


def growth(photos: int = GROWTH_PHOTOS) -> list[float]:
    """Render the sample photos again and again in one process.

    Returns:
        The process's memory in MB after every 50.
    """
    sources = sorted(path for path in PHOTOS.iterdir() if path.suffix in {".jpg", ".png", ".webp", ".gif", ".tif"})
    told = _python(GROWTH, str(photos), *map(str, sources))
    return [float(each) for each in json.loads(told)]


def _cost(name: str, path: Path, limit_mb: int, *arguments: str) -> Cost:
    return Cost(
        name=name,
        size=path.stat().st_size,
        limit_mb=limit_mb,
        **json.loads(_python(RENDER, str(path), *arguments)),
    )


def _python(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
