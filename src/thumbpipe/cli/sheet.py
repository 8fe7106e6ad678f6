"""The contact sheet: one HTML file with sources, placeholders and renditions side by side."""

import io
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Final

from rich.filesize import decimal

from thumbpipe.cli.blur import blur
from thumbpipe.cli.errors import UserError
from thumbpipe.cli.outcome import Job, Outcome, RenditionFile
from thumbpipe.core.imaging.open.picture import Facts

MAX_EMBEDDED_BYTES: Final = 5_000_000
"""Of an embedded source; renditions and placeholders are small, and always embedded."""
_SHOWN_PX: Final = (360, 220)
_NARROWEST_SHOWN_PX: Final = 24
_SHOWN_BY_BROWSERS: Final = {
    "JPEG": "jpeg",
    "PNG": "png",
    "WebP": "webp",
    "GIF": "gif",
    "AVIF": "avif",
    "BMP": "bmp",
}
# No scripts and no external resources: a filename that was not escaped could do no harm.
_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def write_sheet(path: Path, done: Sequence[tuple[Job, Outcome]]) -> None:
    """Write a contact sheet.

    Args:
        path: Where to write it; missing folders are created.
        done: Each file and its outcome.

    Raises:
        UserError: It cannot be written, or a rendered file no longer exists.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", errors="replace") as stream:
            stream.writelines(_page(done))
    except OSError as error:
        raise UserError(f"The sheet cannot be written: {error.filename}: {error.strerror}.") from error


def _page(done: Sequence[tuple[Job, Outcome]]) -> Iterator[str]:
    style = files("thumbpipe.cli").joinpath("sheet.css").read_text(encoding="utf-8")
    yield (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>Contact sheet</title>\n<style>\n{style}</style>\n"
        f'<header class="top"><h1>Contact sheet</h1><p>{escape(_summary([each for _, each in done]))}</p></header>\n'
        "<main>\n"
    )
    for job, outcome in done:
        yield from _article(job, outcome)
    yield "</main>\n</html>\n"


def _summary(outcomes: Sequence[Outcome]) -> str:
    rendered = [each for each in outcomes if each.facts]
    read = sum(each.source_bytes or 0 for each in rendered)
    made = [rendition.bytes for each in rendered for rendition in each.renditions]
    parts = [f"{len(rendered)} of {len(outcomes)} files rendered"]
    if made:
        parts.append(f"{decimal(read)} → {len(made)} renditions of {decimal(sum(made))}")
        parts.append(f"{sum(each.elapsed_ms for each in rendered) / 1000:.1f} s of work")
    return " · ".join(parts)


def _article(job: Job, outcome: Outcome) -> Iterator[str]:
    name = escape(str(outcome.path).encode(errors="replace").decode())
    if outcome.facts is None or outcome.placeholder is None:
        yield f"<article><header><h2>{name}</h2></header>\n"
        code, message = escape(outcome.code or ""), escape(outcome.message or "")
        yield f'<p class="refused"><code>{code}</code>{message}</p></article>\n'
        return
    facts = escape(" · ".join(_facts(outcome.facts, outcome)))
    yield f'<article><header><h2>{name}</h2><p class="facts">{facts}</p></header>\n'
    yield '<div class="body"><div class="from">'
    yield _source(job, outcome.facts, outcome.source_bytes or 0)
    yield _placeholder(outcome.placeholder)
    yield '</div><div class="to">\n'
    yield from _rows(outcome.renditions)
    yield "</div></div></article>\n"


def _facts(facts: Facts, outcome: Outcome) -> Iterator[str]:
    yield facts.format
    yield f"{facts.width} × {facts.height}"  # noqa: RUF001 - a person reads it
    yield decimal(outcome.source_bytes or 0)
    if facts.frames > 1:
        yield f"{facts.frames} frames"
    if facts.has_alpha:
        yield "transparency"
    if facts.orientation > 1:
        yield f"orientation {facts.orientation}"
    if facts.colour_profile:
        yield facts.colour_profile
    if facts.captured_at:
        yield f"taken {facts.captured_at}"
    yield f"{outcome.elapsed_ms:.0f} ms"


def _source(job: Job, facts: Facts, size: int) -> str:
    kind, reason = _SHOWN_BY_BROWSERS.get(facts.format), "not shown here: few browsers can"
    if kind and size > MAX_EMBEDDED_BYTES:
        kind, reason = None, f"too large to embed ({decimal(size)})"
    if kind is None:
        shown = f'<div class="unseen"><b>{facts.format}</b>{escape(reason)}</div>'
    else:
        shown = _zoomable(kind, job.path.read_bytes() if job.source is None else job.source, "the source")
    return f"<figure>{shown}<figcaption><b>Source</b> {decimal(size)}</figcaption></figure>\n"


def _placeholder(placeholder: str) -> str:
    file = io.BytesIO()
    blur(placeholder).save(file, "PNG")
    shown = f'<img src="{_data_uri("png", file.getvalue())}" alt="">'
    caption = f"<figcaption><b>Placeholder</b> {len(placeholder)} characters</figcaption>"
    return f'<figure class="blur">{shown}{caption}</figure>'


def _rows(renditions: Iterable[RenditionFile]) -> Iterator[str]:
    """Write a row for each format, from narrow to wide, in one scale; a bar compares the bytes of equal widths."""
    by_format = sorted(renditions, key=lambda each: (each.format, each.width))
    widest, highest = max(each.width for each in by_format), max(each.height for each in by_format)
    scale = min(1.0, _SHOWN_PX[0] / widest, _SHOWN_PX[1] / highest)
    heaviest: dict[int, int] = {}
    for each in by_format:
        heaviest[each.width] = max(heaviest.get(each.width, 0), each.bytes)
    for output, row in groupby(by_format, key=lambda each: each.format):
        figures = "".join(_figure(each, scale, heaviest[each.width]) for each in row)
        yield f'<div class="row"><h3>{output.value}</h3>{figures}</div>\n'


def _figure(rendition: RenditionFile, scale: float, heaviest: int) -> str:
    width = max(_NARROWEST_SHOWN_PX, rendition.width * scale)
    size = f"{rendition.width} × {rendition.height}"  # noqa: RUF001 - a person reads it
    shown = _zoomable(rendition.format.value, rendition.path.read_bytes(), size, f"width:{width:.0f}px")
    return (
        f"<figure>{shown}<figcaption>{size}<br><b>{decimal(rendition.bytes)}</b>"
        f'<span class="bar"><i style="width:{100 * rendition.bytes / heaviest:.0f}%"></i></span></figcaption></figure>'
    )


def _zoomable(kind: str, content: bytes, alt: str, style: str = "") -> str:
    """Write a picture that a click enlarges to its full size, without a script."""
    image = f'<img src="{_data_uri(kind, content)}" alt="{escape(alt)}" style="{style}">'
    return f'<label><input type="checkbox" aria-label="full size: {escape(alt)}">{image}</label>'


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode()}"
