"""The pipeline on the embedded engine: demo, presigning, thumbnails, the edge, idling, signatures, cold starts.

    python -m nox -s bench -- pipeline

Prints a table and writes `benchmarks/results/pipeline.json`. The demo is run twice, since the first run may install.
"""

import argparse
import hashlib
import io
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import edge
import psutil
import verification
from PIL import Image
from rich.console import Console
from rich.table import Table

from thumbpipe_devkit.aws import Credentials
from thumbpipe_devkit.loopback import local_client
from thumbpipe_devkit.paths import cache_folder
from thumbpipe_devkit.stack.lifecycle import Options, running_stack

CHECKOUT: Final = Path(__file__).resolve().parents[1]
PHOTO: Final = CHECKOUT / "tests" / "images" / "photos" / "dandelions.jpg"
RESULTS: Final = CHECKOUT / "benchmarks" / "results" / "pipeline.json"
THREE_MEGAPIXELS: Final = (2048, 1536)
POLL_EVERY_S: Final = 0.02
STEP: Final = re.compile(r"✓ (.+?) +(\d+\.\d) s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value beside what it should be at most (at least, where more is better), if that is said."""

    name: str
    unit: str
    value: float
    goal: float | None = None
    more_is_better: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the value is as good as the goal."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.more_is_better else self.value <= self.goal


class Client:
    """The API and the upload, over one connection pool."""

    def __init__(self, api_url: str) -> None:
        self._api = f"{api_url}/api"
        self._http = local_client(timeout=60)

    def promise(self, size_bytes: int) -> dict[str, Any]:
        """Ask for a presigned upload."""
        body = {"filename": "bench.jpg", "content_type": "image/jpeg", "size_bytes": size_bytes}
        answer = self._http.post(f"{self._api}/uploads", json=body).raise_for_status()
        promised: dict[str, Any] = answer.json()
        return promised

    def upload(self, photo: bytes) -> str:
        """Send one photo and return its id."""
        promised = self.promise(len(photo))
        upload = promised["upload"]
        self._http.post(upload["url"], data=upload["fields"], files={"file": ("bench.jpg", photo)}).raise_for_status()
        return str(promised["id"])

    def wait_ready(self, image_id: str) -> None:
        """Wait until the photo is ready."""
        while True:
            image = self._http.get(f"{self._api}/images/{image_id}").raise_for_status().json()
            if image["state"] == "ready":
                return
            if image["state"] == "failed":
                raise RuntimeError(image["error"])
            time.sleep(POLL_EVERY_S)


def median_ms(work: Callable[[], object], runs: int) -> float:
    """Return the median milliseconds of the runs."""
    spans = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        spans.append((time.perf_counter() - begin) * 1000)
    return statistics.median(spans)


def run_demo() -> tuple[float, float, dict[str, float]]:
    """Run the demo once through nox; return the seconds to its table, those in all, and those of its steps."""
    begin = time.perf_counter()
    command = [os.environ.get("THUMBPIPE_NOX", "nox"), "-s", "demo", "--", "--once"]
    to_table, lines = 0.0, list[str]()
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as demo:
        for line in demo.stdout or ():
            lines.append(line)
            if "to this table" in line:
                to_table = time.perf_counter() - begin
    printed = "".join(lines)
    if demo.returncode:
        sys.exit(f"The demo failed:\n{printed}")
    return to_table, time.perf_counter() - begin, {title: float(took) for title, took in STEP.findall(printed)}


def three_megapixels(count: int) -> list[bytes]:
    """Return different JPEGs of three megapixels, made of one real photo."""
    with Image.open(PHOTO) as source:
        photo = source.convert("RGB").resize(THREE_MEGAPIXELS)
    photos = []
    for number in range(count):
        photo.putpixel((0, 0), (number, number, number))
        buffer = io.BytesIO()
        photo.save(buffer, "JPEG", quality=90)
        photos.append(buffer.getvalue())
    return photos


def photos_per_second(client: Client, photos: Sequence[bytes]) -> float:
    """Send all photos at once; return how many are ready a second, from the first byte to the last thumbnail."""
    begin = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        for image_id in list(pool.map(client.upload, photos)):
            client.wait_ready(image_id)
    return len(photos) / (time.perf_counter() - begin)


def upload_to_ready_ms(client: Client, photos: Sequence[bytes]) -> float:
    """Return the median milliseconds from an upload's end to the image's being ready."""
    spans = []
    for photo in photos:
        image_id = client.upload(photo)
        begin = time.perf_counter()
        client.wait_ready(image_id)
        spans.append((time.perf_counter() - begin) * 1000)
    return statistics.median(spans)


def idle(seconds: float) -> tuple[float, float]:
    """Return the engine's processor share (% of a core) and resident megabytes, functions included, while idle."""
    family = [
        process
        for process in psutil.Process().children(recursive=True)
        if "thumbpipe_devkit.processes.supervisor" not in process.cmdline()
    ]

    def busy() -> float:
        return sum(sum(process.cpu_times()[:2]) for process in family if process.is_running())

    before = busy()
    time.sleep(seconds)
    share = (busy() - before) / seconds * 100
    return share, sum(process.memory_info().rss for process in family if process.is_running()) / 1e6


def engine_pid() -> int:
    """Return the process of the engine that this one has started."""
    family = psutil.Process().children(recursive=True)
    return next(each.pid for each in family if each.cmdline()[1:] == ["-m", "localstack.runtime.main"])


def measure_edge(endpoint_url: str, key: Credentials, memory_requests: int) -> list[Figure]:
    """Measure a distribution beside the engine's S3, and the engine's memory."""
    with edge.prepared_scene(endpoint_url, key, misses=800) as scene:
        comparisons = edge.measure(scene, requests=2000)
        memory = edge.watch_memory(scene, memory_requests, engine_pid())
    ratios = [
        Figure(
            name=f"edge: {each.name}, {each.connections} at once, {which}, beside S3",
            unit="times",
            value=value,
            goal=each.goal,
        )
        for each in comparisons
        for which, value in (("median", each.median_ratio), ("95th percentile", each.p95_ratio))
    ]
    growth = Figure(
        name=f"edge: memory added by {memory.requests:,} requests", unit="MB", value=memory.growth_mb, goal=25
    )
    return [*ratios, growth]


def measure_stack(console: Console, idle_s: float, memory_requests: int) -> list[Figure]:
    """Measure a stack of its own."""
    photos = three_megapixels(66)
    with running_stack(Options(command="bench"), console) as stack:
        # What other tools do at first wakes the engine: it is idle once that has passed.
        time.sleep(5)
        share, megabytes = idle(idle_s)
        client = Client(stack.api_url)
        for photo in photos[:1]:
            client.wait_ready(client.upload(photo))
        presign = median_ms(lambda: client.promise(1000), 60)
        ready = upload_to_ready_ms(client, photos[1:16])
        rate = photos_per_second(client, photos[16:])
        _, megabytes_warm = idle(2)
        at_the_edge = measure_edge(stack.endpoint_url, stack.credentials, memory_requests)
    return [
        Figure(name="presign, warm, median", unit="ms", value=presign, goal=50),
        Figure(name="uploaded → ready, 3 megapixels, warm, median", unit="ms", value=ready, goal=2000),
        Figure(name="50 photos of 3 megapixels at once", unit="photos/s", value=rate, goal=4, more_is_better=True),
        Figure(name="idle: processor", unit="% of a core", value=share, goal=5),
        Figure(name="idle: memory", unit="MB", value=megabytes, goal=700),
        Figure(name="memory with the functions' warm environments", unit="MB", value=megabytes_warm),
        *at_the_edge,
    ]


def measure_verification(console: Console) -> list[Figure]:
    """Measure what it costs that signatures are checked."""
    figures = []
    for cost in verification.measure(console):
        name = f"{cost.name}: checking signatures"
        figures += [
            Figure(name=f"{name} adds", unit=cost.unit, value=cost.added, goal=cost.goal),
            Figure(name=f"{name}, beside without", unit="times", value=cost.checked / cost.unchecked),
        ]
    return figures


def cold_starts() -> list[Figure]:
    """Measure the init of the real zips under AWS's runtime client, in an environment like Lambda's."""
    lock = CHECKOUT / "locks" / "bench-lambda.txt"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    home = cache_folder() / "bench" / f"lambda-{platform.python_version()}-{digest}"
    python = home / "bin" / "python"
    if not home.joinpath("complete").exists():
        venv.create(home, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock], check=True)
        home.joinpath("complete").touch()
    out = CHECKOUT / "build" / "bench"
    version = ".".join(platform.python_version_tuple()[:2])
    build = ["-m", "thumbpipe_devkit.bundle", "--target", "host", "--python", version, "--out", str(out)]
    subprocess.run([sys.executable, *build], check=True)
    report = RESULTS.with_name("cold_start.json")
    subprocess.run([python, CHECKOUT / "benchmarks" / "cold_start.py", out, "--json", report], check=True)
    goals = {"uploads": 300, "gallery": 300, "thumbnailer": 400}
    return [
        Figure(name=f"cold start: {one['function']}", unit="ms", value=one["median_ms"], goal=goals[one["function"]])
        for one in json.loads(report.read_text())["init"]
        if one["variant"] == "as built"
    ]


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-demo", action="store_true", help="leave out the two runs of the demo")
    parser.add_argument("--idle", type=float, default=20, metavar="SECONDS", help="how long to watch the idle engine")
    parser.add_argument(
        "--memory-requests", type=int, default=100_000, metavar="N", help="how many the edge's memory is watched over"
    )
    arguments = parser.parse_args()
    console = Console()
    figures, steps = [], dict[str, float]()
    if not arguments.no_demo:
        run_demo()
        to_table, seconds, steps = run_demo()
        figures.append(Figure(name="`nox -s demo -- --once` to its table, warm", unit="s", value=to_table, goal=50))
        figures.append(Figure(name="`nox -s demo -- --once` in all, warm", unit="s", value=seconds, goal=90))
    figures += measure_stack(console, arguments.idle, arguments.memory_requests)
    figures += measure_verification(console)
    figures += cold_starts()

    table = Table("what", "measured", "goal", "", title=f"{platform.node()}, Python {platform.python_version()}")
    for figure in figures:
        goal = "" if figure.goal is None else f"{'≥' if figure.more_is_better else '≤'} {figure.goal:g}"
        shown = f"{figure.value:.2f} times" if figure.unit == "times" else f"{figure.value:.1f} {figure.unit}"
        table.add_row(figure.name, shown, goal, "✓" if figure.is_met else "✗")
    for title, took in steps.items():
        table.add_row(f"  demo: {title}", f"{took:.1f} s", "", "")
    console.print(table)
    machine = {
        "machine": platform.node(),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    report = machine | {"figures": [asdict(figure) for figure in figures], "demo_steps_s": steps}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
