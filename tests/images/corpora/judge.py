"""Renders pictures in a separate process, under limits, and compares the results with other decoders'."""

import io
import multiprocessing
import os
import resource
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from multiprocessing.connection import Connection
from typing import Final

from PIL import Image, ImageChops

from images.corpora.known import Reason
from images.corpora.peers import by_imagemagick, by_libvips, on_white
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.sniff import sniff
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import Rendered, render

TIME_LIMIT_S: Final = 20.0
"""Of processor time, because the machine may be busy."""
PATIENCE_S: Final = 120.0
MEMORY_LIMIT_BYTES: Final = 3 * 1024**3  # of address space: libraries and threads reserve far more than they use
WIDTH: Final = 160
RECIPE: Final = Recipe(widths=(WIDTH,), formats=(OutputFormat.PNG, OutputFormat.WEBP, OutputFormat.JPEG))
PEERS: Final[dict[str, Callable[[bytes], Image.Image | None]]] = {
    "libvips": by_libvips,
    "ImageMagick": by_imagemagick,
}
STRICT_PEERS: Final[dict[str, Callable[[bytes], Image.Image | None]]] = {
    "libvips": by_libvips,
    "ImageMagick": partial(by_imagemagick, is_strict=True),
}
COMPARED_PIXELS: Final = 25_000_000
"""Larger pictures are rendered, but not compared."""
COMPARED_PX: Final = 24
TOLERANCE: Final = 20
"""Of 255, in the worst of up to 24 x 24 fields: wrong colours, turns, frames or alpha exceed it, filters do not."""


class Outcome(StrEnum):
    """The result for a picture, compared with two peers."""

    RIGHT = "right"
    EXPLAINED = "explained"
    WRONG = "wrong"
    REFUSED_RIGHTLY = "refused rightly"
    REFUSED_WRONGLY = "refused wrongly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of rendering one picture.

    Attributes:
        name: Its path in its package.
        refused: The code with which it was refused; None if it was rendered.
        broken: What must never happen: another error, a crash, an exceeded limit; None if it did not.
        agreeing: The peers that show the same picture.
        disagreements: By peer: what it shows differently.
    """

    name: str
    refused: str | None = None
    broken: str | None = None
    agreeing: tuple[str, ...] = ()
    disagreements: dict[str, str] = field(default_factory=dict)

    def outcome(self, reason: Reason | None) -> Outcome:
        """Classify the result.

        Args:
            reason: Why peers show it differently, if known.
        """
        if self.refused:
            is_wrong = bool(self.disagreements) and (reason is None or reason.is_ours)
            return Outcome.REFUSED_WRONGLY if is_wrong else Outcome.REFUSED_RIGHTLY
        if self.disagreements:
            return Outcome.EXPLAINED if reason else Outcome.WRONG
        return Outcome.RIGHT if self.agreeing else Outcome.EXPLAINED


def judge(pictures: dict[str, bytes]) -> list[Verdict]:
    """Judge pictures, one at a time on each core; a process that dies is replaced."""
    cores = os.cpu_count() or 1
    names = list(pictures)
    with ThreadPoolExecutor(cores) as pool:
        parts = pool.map(lambda at: list(_judge({name: pictures[name] for name in names[at::cores]})), range(cores))
        return sorted((verdict for part in parts for verdict in part), key=lambda verdict: verdict.name)


def _judge(pictures: dict[str, bytes]) -> Iterator[Verdict]:
    process = _Judge()
    try:
        for name, source in pictures.items():
            verdict = process.ask(name, source)
            if verdict.broken:
                process.end()
                process = _Judge()
            yield verdict
    finally:
        process.end()


class _Judge:
    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, name: str, source: bytes) -> Verdict:
        try:
            self._ours.send((name, source))
            if not self._ours.poll(PATIENCE_S):
                return Verdict(name=name, broken=f"took more than {PATIENCE_S:.0f} s")
            verdict: Verdict = self._ours.recv()
        except (EOFError, OSError):
            self._process.join()
            return Verdict(name=name, broken=f"the process died: {self._process.exitcode}")
        return verdict

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._ours.close()


def _serve(questions: Connection) -> None:
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            name, source = questions.recv()
        except EOFError:
            return
        questions.send(_verdict(name, source))


def _verdict(name: str, source: bytes) -> Verdict:
    started = time.process_time()
    try:
        rendered = render(source, RECIPE, Limits())
    except InvalidImageError as error:
        return Verdict(name=name, refused=error.code.value, disagreements=_shown_elsewhere(source, error))
    except BaseException:  # noqa: BLE001 - that is the finding
        return Verdict(name=name, broken=traceback.format_exc())
    seconds = time.process_time() - started
    broken = f"took {seconds:.0f} s" if seconds > TIME_LIMIT_S else _broken_rendition(rendered)
    if broken or rendered.facts.width * rendered.facts.height > COMPARED_PIXELS:
        return Verdict(name=name, broken=broken)
    with Image.open(io.BytesIO(rendered.renditions[0].data)) as opened:
        ours = on_white(opened)
    seen = {peer: decode(source) for peer, decode in PEERS.items()}
    differences = {peer: _difference(rendered, ours, theirs) for peer, theirs in seen.items() if theirs}
    agreeing = tuple(peer for peer, words in differences.items() if not words)
    return Verdict(
        name=name, agreeing=agreeing, disagreements={peer: words for peer, words in differences.items() if words}
    )


def _shown_elsewhere(source: bytes, refused: InvalidImageError) -> dict[str, str]:
    """Return the peers that show, without a warning, what we refuse, except for limits and unsupported formats."""
    if refused.code not in {ErrorCode.CORRUPT, ErrorCode.TRUNCATED, ErrorCode.UNSUPPORTED_FORMAT} or not _is_ours(
        source
    ):
        return {}
    return {peer: f"it is intact, and not {refused.code.value}" for peer, see in STRICT_PEERS.items() if see(source)}


def _is_ours(source: bytes) -> bool:
    try:
        sniff(source)
    except InvalidImageError:
        return False
    return True


def _broken_rendition(rendered: Rendered) -> str | None:
    if len(rendered.renditions) != len(RECIPE.formats) or not rendered.placeholder:
        return "not every rendition was made"
    for rendition in rendered.renditions:
        with Image.open(io.BytesIO(rendition.data)) as opened:
            opened.load()
            if opened.size != (rendition.width, rendition.height):
                return f"{rendition.format.value} is {opened.size}, not {rendition.width, rendition.height}"
    return None


def _difference(rendered: Rendered, ours: Image.Image, theirs: Image.Image) -> str | None:
    seen = (rendered.facts.width, rendered.facts.height)
    if theirs.size != seen:
        return f"it is {theirs.width} x {theirs.height}, not {seen[0]} x {seen[1]}"
    # In areas of several pixels, within which filters may differ.
    size = (min(COMPARED_PX, -(-ours.width // 8)), min(COMPARED_PX, -(-ours.height // 8)))
    apart = ImageChops.difference(ours.resize(size, Image.Resampling.BOX), theirs.resize(size, Image.Resampling.BOX))
    worst = max(apart.tobytes())
    return f"the pixels are {worst} apart" if worst > TOLERANCE else None
