"""Every picture of the public corpora is rendered or refused with a code; other decoders see the same picture."""

from pathlib import Path
from typing import Final

import pytest

from images.corpora.fetch import CORPORA, Corpus, UnreachableError
from images.corpora.judge import Outcome, judge
from images.corpora.known import reason
from images.corpora.peers import by_imagemagick, by_libvips, imagemagick

PHOTOS: Final = Path(__file__).parents[1] / "photos"


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)
def test_every_picture_is_rendered_as_others_see_it_or_refused_with_a_code(corpus: Corpus) -> None:
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
def test_the_peers_see_pictures_at_all(name: str) -> None:
    """Who sees nothing disagrees with nobody."""
    source = (PHOTOS / name).read_bytes()

    assert by_libvips(source)
    assert not imagemagick() or by_imagemagick(source)
