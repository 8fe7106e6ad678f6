"""Every picture of the public corpora is rendered like by other decoders, or refused with a code."""

from pathlib import Path
from typing import Final

import pytest

from images.corpora.fetch import CORPORA, Corpus, UnreachableError
from images.corpora.judge import Outcome, judge
from images.corpora.known import reason
from images.corpora.peers import by_imagemagick, by_libvips, imagemagick

PHOTOS: Final = Path(__file__).parents[1] / "photos"


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)
def test_every_picture_is_rendered_as_by_others_or_refused_with_a_code(corpus: Corpus) -> None:
    try:
        pictures = corpus.pictures()
    except UnreachableError as error:
        pytest.skip(f"{corpus.package} cannot be fetched: {error}")

    verdicts = judge(pictures)

    assert [verdict.name for verdict in verdicts] == sorted(pictures)
    assert not [verdict for verdict in verdicts if verdict.broken]
    outcomes = {verdict.name: verdict.outcome(reason(verdict.name, pictures[verdict.name])) for verdict in verdicts}
    assert not [name for name, outcome in outcomes.items() if outcome is Outcome.WRONG]
    refused = {name for name, outcome in outcomes.items() if outcome is Outcome.REFUSED_WRONGLY}
    assert not [name for name in refused if not reason(name, pictures[name])]


@pytest.mark.parametrize("name", ["coffee.png", "rocket.jpg", "summer-palace.tif", "fig.webp", "cat.gif"])
def test_the_peers_show_pictures_at_all(name: str) -> None:
    """A peer that shows nothing could not disagree."""
    source = (PHOTOS / name).read_bytes()

    assert by_libvips(source)
    assert not imagemagick() or by_imagemagick(source)
