"""Two photos whose keys map to the same id, delivered at once: the loser leaves nothing in the winner's folder."""

from typing import Final

import pytest

from fakes.values import png
from fakes.world import World
from thumbpipe.core.catalog.image import Image
from thumbpipe.core.catalog.object_keys import renditions_prefix
from thumbpipe.core.delivery.process import Outcome

ID: Final = "01JDHM4V9R8Q2Z6T3X5Y7W1K0N"
LOSER: Final = f"raw/{ID}.png"
WINNER: Final = f"raw/{ID}.jpg"


def race(world: World, *, colour: str) -> Image:
    """Deliver the loser's photo, and the winner's just before the loser writes its entry; return the loser's entry."""
    lost, won = world.upload(LOSER, png("red")), world.upload(WINNER, png(colour))

    def overtake(effect: str) -> None:
        if effect == "record":
            world.before = lambda _effect: None
            world.process(won)

    world.before = overtake
    delivered = world.process(lost)
    assert delivered.outcome is Outcome.READY
    assert delivered.image is not None
    return delivered.image


# Photos of the same content share a folder, whose files differ only by their versions.
@pytest.mark.parametrize("colour", ["red", "blue"], ids=["same content", "other content"])
def test_the_loser_of_an_id_removes_its_files_and_gets_another_id(world: World, colour: str) -> None:
    loser = race(world, colour=colour)

    world.assert_true()
    assert world.catalog.entries[ID].source_key == WINNER
    assert (loser.source_key, loser.id == ID) == (LOSER, False)
    for entry in world.catalog.entries.values():
        in_folder = [version.key for version in world.store.versions(renditions_prefix(entry.id))]
        assert in_folder == sorted(rendition.key for rendition in entry.renditions), "one version of each file"
