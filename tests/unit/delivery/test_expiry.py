"""A photo's version that lifecycle rules removed is no deletion: its renditions and its entry stay."""

from collections.abc import Callable
from itertools import permutations, product
from typing import Final

import pytest

from fakes.values import png
from fakes.world import World
from thumbpipe.core.catalog.ids import hashed_id
from thumbpipe.core.catalog.image import Image
from thumbpipe.core.delivery.object_store import ObjectVersion, StoredObject
from thumbpipe.core.delivery.photo_event import PhotoEvent
from thumbpipe.core.delivery.process import Outcome

KEY: Final = "raw/cat.png"


def expire(world: World, event: PhotoEvent) -> None:
    """Do what a lifecycle rule of a versioned bucket does: hide the key, and later remove the version."""
    world.store.hide(KEY)
    world.store.remove([event.source])


def lose_version(world: World, event: PhotoEvent) -> None:
    """Do what a rule for noncurrent versions does."""
    world.store.remove([event.source])


def expire_with_marker(world: World, event: PhotoEvent) -> None:
    """Remove the marker, too, which lifecycle does once nothing is behind it."""
    world.store.remove([event.source, *world.store.versions("raw/")])


def seen(world: World) -> tuple[dict[str, Image], dict[str, StoredObject]]:
    """What people see: entries, and the files that they name."""
    return dict(world.catalog.entries), world.store.current("thumbs/")


EXPIRIES: Final = pytest.mark.parametrize("expiry", [expire, lose_version, expire_with_marker])


@EXPIRIES
@pytest.mark.parametrize("content", [png(), b"no photo"], ids=["ready", "failed"])
@pytest.mark.parametrize("times", [1, 5])
def test_a_message_that_comes_again_after_its_photo_expired_changes_nothing(
    world: World, expiry: Callable[[World, PhotoEvent], None], content: bytes, times: int
) -> None:
    event = world.upload(KEY, content)
    world.process(event)
    before = seen(world)
    expiry(world, event)
    for _ in range(times):
        assert world.process(event).outcome is Outcome.REPEATED
    assert seen(world) == before


@EXPIRIES
@pytest.mark.parametrize("expired", [(0,), (1,), (0, 1)], ids=["the old", "the new", "both"])
@pytest.mark.parametrize("contents", [(png("red"), png("blue")), (png("red"), png("red")), (png("red"), b"no photo")])
@pytest.mark.parametrize("replay", [(0,), (1,), *permutations((0, 1)), (1, 0, 1, 0)], ids=str)
def test_replays_of_an_overwritten_photo_whose_versions_expired_change_nothing(
    world: World,
    expiry: Callable[[World, PhotoEvent], None],
    expired: tuple[int, ...],
    contents: tuple[bytes, bytes],
    replay: tuple[int, ...],
) -> None:
    events = [world.upload(KEY, content) for content in contents]
    for event in events:
        world.process(event)
    before = seen(world)
    for index in expired:
        expiry(world, events[index])
    for index in replay:
        world.process(events[index])
    assert seen(world) == before


def test_an_overwrite_that_expired_before_it_was_processed_leaves_the_older_photo(world: World) -> None:
    first = world.upload(KEY, png("red"))
    world.process(first)
    second = world.upload(KEY, png("blue"))
    before = seen(world)
    expire(world, second)
    for event in (second, first, second):
        world.process(event)
    assert seen(world) == before


def test_a_photo_that_expires_while_it_is_processed_becomes_ready(world: World) -> None:
    event = world.upload(KEY, png())

    def hook(effect: str) -> None:
        if effect == "put":
            world.before = lambda _effect: None
            expire(world, event)

    world.before = hook
    assert world.process(event).outcome is Outcome.READY
    assert world.process(event).outcome is Outcome.REPEATED
    entry = world.entry()
    assert set(world.store.current("thumbs/")) == {rendition.key for rendition in entry.renditions}


@pytest.mark.parametrize(
    "order", [order for order in product(("redeliver", "expire", "delete"), repeat=3) if "delete" in order], ids=str
)
def test_a_deletion_is_one_whatever_expired_before_or_after(world: World, order: tuple[str, ...]) -> None:
    event = world.upload(KEY, png())
    world.process(event)
    actions: dict[str, Callable[[], object]] = {
        "redeliver": lambda: world.process(event),
        "expire": lambda: world.store.remove([event.source]),
        "delete": lambda: world.delete(hashed_id(KEY)),
    }
    for action in order:
        actions[action]()
    world.process(event)
    world.assert_empty()


def test_a_version_that_is_a_delete_marker_by_now_is_no_deletion(world: World) -> None:
    event = world.upload(KEY, png())
    world.process(event)
    before = seen(world)
    world.store.remove([event.source])
    world.store.objects[ObjectVersion(key=KEY, version_id=event.source.version_id, etag="")] = None
    assert world.process(event).outcome is Outcome.REPEATED
    assert seen(world) == before
