"""Write the tables of docs/image-corpora.md: `python -m images.corpora.report`, with `src` and `tests` on the path."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from images.corpora.fetch import CORPORA, Corpus
from images.corpora.judge import PEERS, Verdict, judge
from images.corpora.known import reason

PAGE: Final = Path(__file__).parents[3] / "docs" / "image-corpora.md"
BEGIN: Final = "<!-- tables: begin -->"
END: Final = "<!-- tables: end -->"


def row(corpus: Corpus, verdicts: list[Verdict]) -> str:
    """Write one corpus's line."""
    refused = Counter(verdict.refused for verdict in verdicts if verdict.refused)
    codes = ", ".join(f"`{code}` {count}" for code, count in refused.most_common())
    otherwise = [sum(peer in verdict.disagreements for verdict in verdicts) for peer in PEERS]
    cells = (corpus.name, corpus.package, len(verdicts), len(verdicts) - refused.total(), codes or "none", *otherwise)
    return "| " + " | ".join(map(str, cells)) + " |"


def tables() -> Iterator[str]:
    """Yield the tables' lines."""
    peers = " | ".join(f"{peer} differs" for peer in PEERS)
    yield f"| corpus | package | files | rendered | refused, by code | {peers} |"
    yield "| --- | --- | ---: | ---: | --- | ---: | ---: |"
    reasons: dict[str, set[str]] = {}
    for corpus in CORPORA:
        pictures = corpus.pictures()
        verdicts = judge(pictures)
        yield row(corpus, verdicts)
        for verdict in verdicts:
            if verdict.disagreements:
                told = reason(verdict.name, pictures[verdict.name]) or "unknown"
                reasons.setdefault(told, set()).add(verdict.name.rpartition("/")[2])
    yield ""
    yield "| why a peer differs | pictures |"
    yield "| --- | --- |"
    for told, names in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])):
        listed = ", ".join(f"`{name}`" for name in sorted(names)[:6])
        yield f"| {told} | {len(names)}: {listed}{', …' if len(names) > 6 else ''} |"


def main() -> None:
    """Replace the tables in the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n" + "\n".join(tables()) + f"\n{END}{after}", encoding="utf-8")
    sys.stdout.write(f"{PAGE} is written.\n")


if __name__ == "__main__":
    main()
