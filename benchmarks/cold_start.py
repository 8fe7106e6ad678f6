"""Cold start of the real zips under AWS's own runtime client: a table, a JSON file, the dearest imports.

    python benchmarks/cold_start.py build/bundle --runs 15 --json benchmarks/results/cold_start.json

Init is the time from the start of `python -m awslambdaric` to its first request for an event, less the time that the
bare interpreter takes to start. `cpu` is the processor's time of the same span: it stays what it is where other
programs want the processor, too. The zips must be built for this machine (`--target host`), and the interpreter needs
boto3 and awslambdaric, as Lambda's has them. Bytecode is never written: Lambda's code folder cannot be written to.
"""

import argparse
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

FUNCTIONS: Final = ("uploads", "gallery", "thumbnailer")
BUDGETS_MS: Final = {"uploads": 300, "gallery": 300, "thumbnailer": 400}
DEADLINE_SECONDS: Final = 60
BOTO3_PACKAGES: Final = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")
BOTO3_SERVICES: Final = ("dynamodb", "s3", "ssm", "sts")
IMPORT_LINE: Final = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|(\s+)(\S+)")

SETTINGS: Final = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # Nothing is called during init; if it is, it fails at once.
    "AWS_REGION": "us-east-1",
    "AWS_SECRET_ACCESS_KEY": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "thumbpipe",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "PYTHONDONTWRITEBYTECODE": "1",
    "THUMBPIPE_CATALOG_SHARDS": "1",
    "THUMBPIPE_CATALOG_TABLE": "thumbpipe-catalog",
    "THUMBPIPE_CURSOR_KEY_PARAMETER": "/thumbpipe/cursor-key",
    "THUMBPIPE_IMAGE_BUCKET": "thumbpipe-images",
    "THUMBPIPE_DELIVERY_URL": "https://d111111abcdef8.cloudfront.net",
    "THUMBPIPE_DISTRIBUTION_ID": "E1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Init of one function in one variant, in milliseconds.

    Attributes:
        median_ms: By the clock.
        fastest_ms: By the clock.
        cpu_ms: The median of the processor's time.
    """

    function: str
    variant: str
    runs: int
    median_ms: float
    fastest_ms: float
    cpu_ms: float


class RuntimeApi(ThreadingHTTPServer):
    """The Lambda Runtime API up to the first request for an event, which is never answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _RuntimeApiHandler)
        self.ready_at = 0.0
        self.failure = ""
        self.settled = threading.Event()


class _RuntimeApiHandler(BaseHTTPRequestHandler):
    server: RuntimeApi

    def do_GET(self) -> None:
        self.server.ready_at = time.perf_counter()
        self.server.settled.set()

    def do_POST(self) -> None:
        self.server.failure = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(202)
        self.end_headers()
        self.server.settled.set()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@contextmanager
def runtime_api() -> Iterator[RuntimeApi]:
    """Serve the Runtime API on a free loopback port."""
    with RuntimeApi() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def environment(task_root: Path, function: str, runtime_api_port: int) -> dict[str, str]:
    """What the function finds in its environment, as in Lambda."""
    return {
        "PATH": os.environ["PATH"],
        **SETTINGS,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_FUNCTION_NAME": f"thumbpipe-{function}",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime_api_port}",
        "LAMBDA_TASK_ROOT": str(task_root),
        "POWERTOOLS_SERVICE_NAME": function,
        "PYTHONPATH": str(task_root),
        "_HANDLER": f"thumbpipe.entrypoints.{function}.handler",
    }


def measure_init(interpreter: str, task_root: Path, function: str) -> tuple[float, float]:
    """Start a function once.

    Returns:
        Milliseconds from the process's start to its first request for an event: by the clock, and the processor's.
    """
    cpu_before = _cpu_of_ended_children()
    with runtime_api() as server:
        variables = environment(task_root, function, server.server_port)
        command = [interpreter, "-m", "awslambdaric", variables["_HANDLER"]]
        started = time.perf_counter()
        child = subprocess.Popen(
            command, env=variables, cwd=task_root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            settled = server.settled.wait(DEADLINE_SECONDS)
        finally:
            child.kill()
            output, _ = child.communicate()
        if server.failure or not settled:
            raise SystemExit(f"{function} did not start: {server.failure or output.decode()}")
        return (server.ready_at - started) * 1000, (_cpu_of_ended_children() - cpu_before) * 1000


def measure_interpreter(interpreter: str) -> tuple[float, float]:
    """Start the bare interpreter once; milliseconds by the clock, and the processor's."""
    cpu_before, started = _cpu_of_ended_children(), time.perf_counter()
    subprocess.run([interpreter, "-c", "pass"], check=True)
    return (time.perf_counter() - started) * 1000, (_cpu_of_ended_children() - cpu_before) * 1000


def _cpu_of_ended_children() -> float:
    """Seconds; our children end one after another."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def keep_as_built(task_root: Path, site_packages: Path) -> None:
    """The zip as it is, with the boto3 of the runtime."""


def remove_bytecode(task_root: Path, site_packages: Path) -> None:
    """The zip without its compiled modules."""
    del site_packages
    for folder in list(task_root.rglob("__pycache__")):
        shutil.rmtree(folder)


def add_boto3(task_root: Path, site_packages: Path) -> None:
    """The zip with a boto3 of its own, trimmed to the services in use, compiled like the rest."""
    for name in BOTO3_PACKAGES:
        source = site_packages / name
        if source.is_dir():
            shutil.copytree(source, task_root / name, dirs_exist_ok=True)
        else:
            shutil.copy(source, task_root / name)
    for folder in (task_root / "botocore" / "data").iterdir():
        if folder.is_dir() and folder.name not in BOTO3_SERVICES:
            shutil.rmtree(folder)


VARIANTS: Final[dict[str, Callable[[Path, Path], None]]] = {
    "as built": keep_as_built,
    "no bytecode": remove_bytecode,
    "own boto3": add_boto3,
}


def measure(interpreter: str, bundle: Path, functions: list[str], runs: int) -> list[Measurement]:
    """Measure every function in every variant, interleaved."""
    site_packages = _ask(interpreter, "import boto3, pathlib; print(pathlib.Path(boto3.__file__).parent.parent)")
    times: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        roots = {}
        for function in functions:
            for variant, change in VARIANTS.items():
                root = Path(temporary, f"{function} {variant}")
                zipfile.ZipFile(bundle / f"{function}.zip").extractall(root)
                change(root, Path(site_packages))
                roots[function, variant] = root
                measure_init(interpreter, root, function)  # The disk's cache is warm from here on.
        for _ in range(runs):
            for (function, variant), root in roots.items():
                base, base_cpu = measure_interpreter(interpreter)
                wall, cpu = measure_init(interpreter, root, function)
                times.setdefault((function, variant), []).append((wall - base, cpu - base_cpu))
    return [
        Measurement(
            function=function,
            variant=variant,
            runs=runs,
            median_ms=round(statistics.median(wall for wall, _ in values), 1),
            fastest_ms=round(min(wall for wall, _ in values), 1),
            cpu_ms=round(statistics.median(cpu for _, cpu in values), 1),
        )
        for (function, variant), values in times.items()
    ]


def dearest_imports(interpreter: str, bundle: Path, function: str, count: int) -> list[tuple[str, float, float]]:
    """Ask `-X importtime`.

    Returns:
        (module, its own milliseconds, milliseconds with all that it imports), the dearest first.
    """
    with tempfile.TemporaryDirectory() as temporary:
        zipfile.ZipFile(bundle / f"{function}.zip").extractall(temporary)
        command = [interpreter, "-X", "importtime", "-c", f"import thumbpipe.entrypoints.{function}"]
        variables = environment(Path(temporary), function, 9)
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    found = [IMPORT_LINE.match(line) for line in done.stderr.splitlines()]
    rows = [(match[4], int(match[1]) / 1000, int(match[2]) / 1000) for match in found if match]
    return sorted(rows, key=lambda row: row[2], reverse=True)[:count]


def _ask(interpreter: str, code: str) -> str:
    done = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{interpreter} needs boto3 and awslambdaric:\n{done.stderr}")
    return done.stdout.strip()


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Cold start of the zips under awslambdaric.")
    parser.add_argument("bundle", type=Path, help="folder with the zips, built for this machine")
    parser.add_argument("--python", default=sys.executable, help="interpreter with awslambdaric and boto3")
    parser.add_argument("--functions", nargs="+", default=list(FUNCTIONS))
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--imports", type=int, default=15, help="how many of the dearest imports to show")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    version = _ask(options.python, "import awslambdaric, platform; print(platform.python_version())")
    measured = measure(options.python, options.bundle, options.functions, options.runs)
    print(f"Init in milliseconds, Python {version}, {platform.machine()}, {os.cpu_count()} cores, {options.runs} runs")
    print(f"{'function':<12} {'variant':<12} {'median':>8} {'fastest':>8} {'cpu':>8} {'budget':>8}")
    for one in measured:
        print(
            f"{one.function:<12} {one.variant:<12} {one.median_ms:>8.0f} {one.fastest_ms:>8.0f} {one.cpu_ms:>8.0f}"
            f" {BUDGETS_MS[one.function]:>8}"
        )
    imports = {
        name: dearest_imports(options.python, options.bundle, name, options.imports) for name in options.functions
    }
    for function, rows in imports.items():
        print(f"\n{function}: dearest imports (own ms, ms with all below)")
        for module, own, total in rows:
            print(f"{own:>8.1f} {total:>8.1f}  {module}")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        report = {
            "python": version,
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "init": [asdict(one) for one in measured],
            "imports": {
                name: [{"module": module, "own_ms": own, "total_ms": total} for module, own, total in rows]
                for name, rows in imports.items()
            },
        }
        options.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
