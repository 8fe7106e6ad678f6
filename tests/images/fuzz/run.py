"""`nox -s fuzz -- --minutes N`: fuzz the image engine, and go on after a finding until the time is up."""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from images.corpora.fetch import CORPORA, UnreachableError, cache_folder

HERE: Final = Path(__file__).parent
IMAGES: Final = HERE.parent
FOLDERS: Final = ("made", "photos", "zoo", "fuzz/regressions")
MAX_SEED_BYTES: Final = 40_000
RUN_LIMIT_S: Final = 25
MEMORY_LIMIT_MB: Final = 1500
_COUNT: Final = re.compile(rb"^#(\d+)\s", re.MULTILINE)
_DONE: Final = re.compile(rb"^Done (\d+) runs|^stat::number_of_executed_units:\s+(\d+)", re.MULTILINE)
_FINDING: Final = re.compile(rb"Test unit written to (.+)$", re.MULTILINE)
_ERROR: Final = re.compile(
    rb"^(?:=== Uncaught Python exception: ===\s+)?(.*(?:Error|ERROR|SUMMARY|Exception).*)$", re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One fuzzing process, from its start to a finding or to the end of its time."""

    runs: int
    finding: Path | None
    reason: str


def seeds() -> Iterator[bytes]:
    """Yield the small pictures of the tests and of the corpora that can be fetched."""
    for path in (path for folder in FOLDERS for path in sorted((IMAGES / folder).iterdir())):
        if path.is_file() and path.suffix not in {".py", ".md", ".json"}:
            yield path.read_bytes()
    for corpus in CORPORA:
        try:
            yield from corpus.pictures().values()
        except UnreachableError as error:
            sys.stderr.write(f"No seeds from {corpus.name}: {error}\n")


def plant(folder: Path) -> int:
    """Write the seeds into a folder; return how many files are in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds():
        if 0 < len(seed) <= MAX_SEED_BYTES:
            (folder / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    return len(list(folder.iterdir()))


def fuzz(corpus: Path, findings: Path, seconds: int) -> Round:
    """Fuzz until something is found, or the time is up."""
    options = (
        f"-max_total_time={seconds}",
        f"-timeout={RUN_LIMIT_S}",
        f"-rss_limit_mb={MEMORY_LIMIT_MB}",
        f"-max_len={MAX_SEED_BYTES * 2}",
        f"-artifact_prefix={findings}/",
        "-print_final_stats=1",
    )
    command = (sys.executable, "-m", "images.fuzz.target", *options, str(corpus))
    done = subprocess.run(command, env=_environment(), stdout=sys.stdout, stderr=subprocess.PIPE, check=False)
    (findings.parent / "last.log").write_bytes(done.stderr)
    counts = [int(count) for count in _COUNT.findall(done.stderr)]
    counts += [int(one or other) for one, other in _DONE.findall(done.stderr)]
    found = [Path(os.fsdecode(path)) for path in _FINDING.findall(done.stderr)]
    reasons = [line.decode(errors="replace") for line in _ERROR.findall(done.stderr)]
    reason = (reasons or [f"exit status {done.returncode}"])[0] if done.returncode else ""
    return Round(runs=max(counts, default=0), finding=found[0] if found else None, reason=reason)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def main() -> int:
    """Fuzz; exit with status 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="Total duration.")
    minutes = parser.parse_args().minutes
    home = cache_folder() / "fuzz"
    corpus, findings = home / "corpus", home / "findings"
    findings.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(f"{plant(corpus):,} files to start from, in {corpus}\n")
    rounds: list[Round] = []
    deadline = time.monotonic() + minutes * 60
    while (left := deadline - time.monotonic()) > 1:
        rounds.append(fuzz(corpus, findings, max(1, int(left))))
        last = rounds[-1]
        sys.stdout.write(f"{last.runs:,} runs. {last.reason} {last.finding or ''}".strip() + "\n")
        sys.stdout.flush()
        if last.reason and last.finding is None:
            return 1  # it does not even start, or ends without a message; another run would show nothing new
        if last.finding:
            # Among the seeds, it would end each following round.
            (corpus / last.finding.name.rpartition("-")[2]).unlink(missing_ok=True)
    found = [each for each in rounds if each.finding]
    sys.stdout.write(f"{sum(each.runs for each in rounds):,} runs in all, {len(found)} findings\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
