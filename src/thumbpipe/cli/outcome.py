"""One file of `thumbpipe render`: the job and its outcome."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thumbpipe.core.errors import ThumbpipeError
from thumbpipe.core.imaging.errors import InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.machine_faults import is_machine_fault
from thumbpipe.core.imaging.open.picture import Facts
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import Rendered, render


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One file to render.

    Attributes:
        path: The file.
        folder: Where its renditions are written.
        recipe: Which are made.
        limits: What the file may cost.
        source: Its content, where `path` is standard input.
    """

    path: Path
    folder: Path
    recipe: Recipe
    limits: Limits
    source: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionFile:
    """A thumbnail that was written."""

    width: int
    height: int
    format: OutputFormat
    path: Path
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Outcome of rendering one file.

    Attributes:
        path: The file.
        elapsed_ms: From reading it to writing the last rendition.
        source_bytes: Its size, if it was read.
        facts: What it is; None unless it was rendered.
        placeholder: Its ThumbHash in base64.
        renditions: In the recipe's order.
        code: Why it was not rendered: one of the engine's codes, `unreadable`, `unwritable`, `machine_fault` or
            `crashed`.
        message: The same in a sentence.
    """

    path: Path
    elapsed_ms: float
    source_bytes: int | None = None
    facts: Facts | None = None
    placeholder: str | None = None
    renditions: tuple[RenditionFile, ...] = ()
    code: str | None = None
    message: str | None = None

    def to_json(self) -> dict[str, Any]:
        """One line of `--json`."""
        head: dict[str, Any] = {"file": str(self.path), "ok": self.facts is not None}
        if self.facts is None:
            return head | {"error": {"code": self.code, "message": self.message}, "elapsed_ms": self.elapsed_ms}
        return head | {
            "format": self.facts.format,
            "width": self.facts.width,
            "height": self.facts.height,
            "frames": self.facts.frames,
            "has_alpha": self.facts.has_alpha,
            "placeholder": self.placeholder,
            "elapsed_ms": self.elapsed_ms,
            "renditions": [
                {
                    "width": rendition.width,
                    "height": rendition.height,
                    "format": rendition.format.value,
                    "path": str(rendition.path),
                    "bytes": rendition.bytes,
                }
                for rendition in self.renditions
            ],
        }


class _MachineFaultError(ThumbpipeError):
    """Rendering failed for lack of memory, disk space or the like."""


class Stopwatch:
    """Counts milliseconds from its creation."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    @property
    def elapsed_ms(self) -> float:
        """The milliseconds since then, to a tenth."""
        return round((time.perf_counter() - self._started) * 1000, 1)


def carry_out(job: Job) -> Outcome:
    """Render a file into its folder. Refused, unreadable and unwritable files are outcomes, not errors."""
    watch, size = Stopwatch(), None
    try:
        source = _read(job)
        size = len(source)
        rendered = _render(source, job)
    except InvalidImageError as error:
        return Outcome(
            path=job.path, elapsed_ms=watch.elapsed_ms, source_bytes=size, code=error.code.value, message=error.message
        )
    except _MachineFaultError as error:
        return Outcome(
            path=job.path, elapsed_ms=watch.elapsed_ms, source_bytes=size, code="machine_fault", message=str(error)
        )
    except OSError as error:
        return Outcome(path=job.path, elapsed_ms=watch.elapsed_ms, code="unreadable", message=f"{error.strerror}.")
    try:
        files = _write(job.folder, rendered)
    except OSError as error:
        message = f"{error.filename} cannot be written: {error.strerror}."
        return Outcome(
            path=job.path, elapsed_ms=watch.elapsed_ms, source_bytes=size, code="unwritable", message=message
        )
    return Outcome(
        path=job.path,
        elapsed_ms=watch.elapsed_ms,
        source_bytes=size,
        facts=rendered.facts,
        placeholder=rendered.placeholder,
        renditions=files,
    )


def _render(source: bytes, job: Job) -> Rendered:
    try:
        return render(source, job.recipe, job.limits)
    except Exception as error:
        if not is_machine_fault(error):
            raise
        reason = " ".join(str(error).split()) or "There is too little memory"
        raise _MachineFaultError(f"{reason.rstrip('.')}. The file itself may be valid.") from error


def _read(job: Job) -> bytes:
    """Read a file, but not much more of it than the limit allows."""
    if job.source is not None:
        return job.source
    job.limits.check_bytes(job.path.stat().st_size)
    with job.path.open("rb") as stream:
        return stream.read(job.limits.max_bytes + 1)  # a device or a pipe has no size


def _write(folder: Path, rendered: Rendered) -> tuple[RenditionFile, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    files = tuple(
        RenditionFile(
            width=each.width,
            height=each.height,
            format=each.format,
            path=folder / f"{each.width}.{each.format.extension}",
            bytes=len(each.data),
        )
        for each in rendered.renditions
    )
    for file, rendition in zip(files, rendered.renditions, strict=True):
        file.path.write_bytes(rendition.data)
    return files
