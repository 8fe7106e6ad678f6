"""Write the tables of docs/image-corpora.md: `python -m images.corpora.report`, with `src` and `tests` on the path."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from images.corpora.fetch import CORPORA, Corpus
from images.corpora.judge import Outcome, Verdict, judge
from images.corpora.known import UNSHOWN, Reason, reason

PAGE: Final = Path(__file__).parents[3] / "docs" / "image-corpora.md"
BEGIN: Final = "<!-- tables: begin -->"
END: Final = "<!-- tables: end -->"
LISTED: Final = 6
"""How many pictures are named for each reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict, and why peers show the picture differently, if they do."""

    verdict: Verdict
    reason: Reason | None


def row(corpus: Corpus, judged: list[Judged]) -> str:
    """Return the row of a corpus."""
    outcomes = Counter(each.verdict.outcome(each.reason) for each in judged)
    cells = (corpus.name, corpus.package, len(judged), *(outcomes[outcome] for outcome in Outcome))
    return "| " + " | ".join(map(str, cells)) + " |"


def codes(judged: list[Judged]) -> str:
    """Count the refusals by their codes."""
    refused = Counter(each.verdict.refused for each in judged if each.verdict.refused)
    return ", ".join(f"`{code}` {count}" for code, count in refused.most_common())


def tables() -> Iterator[str]:
    """Yield the tables' lines."""
    yield "| corpus | package | files | " + " | ".join(Outcome) + " |"
    yield "| --- | --- |" + " ---: |" * (1 + len(Outcome))
    everything: list[Judged] = []
    for corpus in CORPORA:
        pictures = corpus.pictures()
        judged = [
            Judged(verdict=verdict, reason=reason(verdict.name, pictures[verdict.name])) for verdict in judge(pictures)
        ]
        yield row(corpus, judged)
        everything += judged
    yield ""
    yield f"Refused, by code: {codes(everything)}."
    yield ""
    for outcome in (Outcome.EXPLAINED, Outcome.REFUSED_RIGHTLY, Outcome.REFUSED_WRONGLY):
        yield from reasons(outcome, everything)


def reasons(outcome: Outcome, judged: list[Judged]) -> Iterator[str]:
    """Yield a table of the reasons why peers show pictures differently."""
    named: dict[str, list[str]] = {}
    for each in judged:
        if each.verdict.outcome(each.reason) is outcome and (each.verdict.disagreements or not each.verdict.refused):
            known = each.reason.words if each.reason and each.verdict.disagreements else UNSHOWN
            named.setdefault(known, []).append(each.verdict.name.rpartition("/")[2])
    if not named:
        return
    yield f"| {outcome}, although a peer differs | files |"
    yield "| --- | --- |"
    for words, names in sorted(named.items(), key=lambda item: (-len(item[1]), item[0])):
        listed = ", ".join(f"`{name}`" for name in sorted(names)[:LISTED])
        yield f"| {words} | {len(names)}: {listed}{', …' if len(names) > LISTED else ''} |"
    yield ""


def main() -> None:
    """Replace the tables in the page."""
    written = "\n".join(tables())
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{written}\n{END}{after}", encoding="utf-8")
    sys.stdout.write(f"{PAGE} is written.\n")


if __name__ == "__main__":
    main()
