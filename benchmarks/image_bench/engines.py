"""Our engine and its peers, each in a process of its own that waits for jobs."""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, cast

from image_bench.sources import cache

HERE: Final = Path(__file__).resolve().parent
SHARP: Final = "sharp@0.35.5"
ONE_THREAD: Final = {"VIPS_CONCURRENCY": "1", "UV_THREADPOOL_SIZE": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to do a task with one engine."""

    engine: str
    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One run: by the clock, the processor's time of all threads, and the sizes of what was made."""

    ms: float
    cpu_ms: float
    bytes: tuple[int, ...]


def install_sharp() -> Path:
    """Install sharp from npm into the cache, once.

    Returns:
        Its entry point.
    """
    folder = cache() / SHARP.replace("@", "-")
    if not (folder / "node_modules" / "sharp").exists():
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("sharp, the first of the peers, needs Node.js with npm on PATH.")
        folder.mkdir(exist_ok=True)
        subprocess.run([npm, "install", "--silent", "--no-save", "--prefix", folder, SHARP], check=True)
    package = folder / "node_modules" / "sharp"
    return package / cast("str", json.loads((package / "package.json").read_text())["main"])


class Engines:
    """All engines, started when they are first asked, and ended together."""

    def __init__(self) -> None:
        self._started: dict[str, subprocess.Popen[str]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started.values():
            cast("object", process.stdin).close()  # type: ignore[attr-defined]  # it was opened with a pipe
        self._stack.close()

    def run(self, variant: Variant, source: Path) -> Figures | str:
        """Do one job.

        Returns:
            Its figures, or why the engine cannot do it.
        """
        process = self._started.get(variant.engine) or self._start(variant.engine)
        if process.stdin is None or process.stdout is None:
            raise AssertionError
        print(json.dumps({"source": str(source), "job": variant.job}), file=process.stdin, flush=True)
        answer = json.loads(process.stdout.readline())
        if "error" in answer:
            return cast("str", answer["error"])
        return Figures(ms=answer["ms"], cpu_ms=answer["cpu_ms"], bytes=tuple(answer["bytes"]))

    def _start(self, engine: str) -> subprocess.Popen[str]:
        if engine == "sharp":
            command = [shutil.which("node") or "node", str(HERE / "sharp.mjs"), str(install_sharp())]
        else:
            command = [sys.executable, str(HERE / "worker.py"), engine]
        process = subprocess.Popen(
            command, env=os.environ | ONE_THREAD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._started[engine] = self._stack.enter_context(process)
        return process


def djpeg(source: Path) -> float | None:
    """Run `djpeg -scale 1/8`, the least that a decoder can do; milliseconds, None where it is not installed."""
    program = shutil.which("djpeg")
    if program is None:
        return None
    started = time.perf_counter()
    subprocess.run([program, "-scale", "1/8", "-outfile", os.devnull, source], check=True)
    return (time.perf_counter() - started) * 1000
