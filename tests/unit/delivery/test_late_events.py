"""The event of a photo that was deleted before it arrives, while the entry shows an older photo."""

from typing import Final

from fakes.values import png
from fakes.world import World
from thumbpipe.core.delivery.process import Outcome

KEY: Final = "raw/cat.png"


def test_the_event_of_a_deleted_photo_leaves_what_the_entry_shows(world: World) -> None:
    shown = world.upload(KEY, png("red"))
    world.process(shown)
    late = world.upload(KEY, png("blue"))
    entry, objects = world.entry(), dict(world.store.objects)
    # A client removes the newer version, and the lifecycle rule the older one: expiry is not deletion.
    for event in (late, shown):
        world.store.remove([event.source])
        del objects[event.source]

    assert world.process(late).outcome is Outcome.GONE

    assert world.entry() == entry
    assert world.store.objects == objects
