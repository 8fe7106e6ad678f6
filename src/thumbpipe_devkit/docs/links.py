"""`python -m thumbpipe_devkit.docs.links`: check that the Markdown pages refer to existing files.

It checks relative links, headings that links refer to, and paths in backticks, such as `infra/*.tf`.
"""

import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from thumbpipe_devkit.paths import CHECKOUT

_PATH: Final = re.compile(r"(?:\.ci|\.github|benchmarks|docs|frontend|infra|locks|src|tests)/[\w./*-]*")
_NOT_OURS: Final = {"build", "dist", "node_modules"}


def pages(checkout: Path) -> Iterator[Path]:
    """Find the checkout's Markdown files, except in environments and build folders."""
    for file in sorted(checkout.rglob("*.md")):
        folders = file.relative_to(checkout).parent.parts
        if not any(folder.startswith(".") or folder in _NOT_OURS for folder in folders):
            yield file


def missing(page: Path, checkout: Path) -> Iterator[str]:
    """Return the files and headings that a page refers to but that do not exist."""
    for token in _tokens(page):
        target = token.attrGet("href") if token.type == "link_open" else token.attrGet("src")
        if isinstance(target, str) and not _is_there(target, page):
            yield target
        if token.type == "code_inline" and _PATH.fullmatch(token.content) and not any(checkout.glob(token.content)):
            yield token.content


def _tokens(page: Path) -> Iterator[Token]:
    for block in MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8")):
        yield block
        yield from block.children or ()


def _is_there(target: str, page: Path) -> bool:
    link = urlsplit(target)
    if link.scheme or link.netloc:
        return True
    file = page.parent / unquote(link.path) if link.path else page
    return file.exists() and (not link.fragment or link.fragment in _anchors(file))


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives a page's headings."""
    tokens = list(_tokens(page))
    headings = (text.content for mark, text in itertools.pairwise(tokens) if mark.type == "heading_open")
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def main() -> int:
    """Check all pages.

    Returns:
        The exit status: 1 if something is missing.
    """
    found = [
        f"{page.relative_to(CHECKOUT)}: {it} does not exist"
        for page in pages(CHECKOUT)
        for it in missing(page, CHECKOUT)
    ]
    sys.stderr.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
