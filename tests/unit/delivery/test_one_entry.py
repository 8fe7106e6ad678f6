"""One photo has one entry, whatever becomes of the other photos that its key's ids could belong to."""

from collections.abc import Callable
from itertools import count, permutations
from typing import Final

import pytest

from fakes.values import NOON, pending, png
from fakes.world import World
from thumbpipe.core.catalog.ids import candidate_ids, hashed_id, id_of
from thumbpipe.core.catalog.object_keys import raw_key

ID: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
OWNER: Final = f"raw/{ID}.jpg"
SECOND: Final = f"raw/{ID}.png"


def entries_of(world: World, key: str) -> list[str]:
    return [entry.id for entry in world.catalog.entries.values() if entry.source_key == key]


def forget(world: World) -> None:
    """Do what time does: deletions are not remembered for ever."""
    world.catalog.deletions.clear()


@pytest.mark.parametrize("then", [lambda _world: None, forget], ids=["soon", "much later"])
@pytest.mark.parametrize("event", ["the same", "an overwrite"])
def test_a_photo_keeps_its_entry_when_the_owner_of_its_first_id_is_deleted(
    world: World, then: Callable[[World], None], event: str
) -> None:
    world.process(world.upload(OWNER, png("red")))
    stored = world.upload(SECOND, png("blue"))
    first = world.process(stored)
    world.delete(ID)
    then(world)
    again = stored if event == "the same" else world.upload(SECOND, png("green"))
    assert world.process(again).image_id == first.image_id != ID
    assert entries_of(world, SECOND) == [first.image_id]
    world.assert_true()


def test_a_photo_keeps_its_entry_when_the_reservation_of_its_first_id_expires(world: World) -> None:
    world.catalog.reserve(pending(id=ID, source_key=OWNER))
    first = world.process(world.upload(SECOND, png("blue")))
    del world.catalog.entries[ID]
    world.process(world.upload(SECOND, png("green")))
    assert entries_of(world, SECOND) == [first.image_id]
    world.assert_true()


def robbers(depth: int) -> tuple[str, list[str]]:
    """Find a key whose first ids can all be other keys' own, and those keys."""
    for number in count():
        key = f"raw/{number}.png"
        ids = list(candidate_ids(key))
        if len(ids) > depth:
            return key, [raw_key(image_id, "image/png") for image_id in ids[:depth]]
    raise AssertionError


@pytest.mark.parametrize("order", list(permutations(range(2))), ids=str)
@pytest.mark.parametrize("then", [lambda _world: None, forget], ids=["soon", "much later"])
def test_a_photo_keeps_its_entry_at_any_depth(
    world: World, order: tuple[int, ...], then: Callable[[World], None]
) -> None:
    key, others = robbers(2)
    for other in others:
        world.process(world.upload(other, png("red")))
    first = world.process(world.upload(key, png("blue")))
    assert first.image_id == list(candidate_ids(key))[2]
    for index in order:
        world.delete(id_of(others[index]))
        then(world)
        world.process(world.upload(key, png("green")))
        assert entries_of(world, key) == [first.image_id]
    world.assert_true()


def test_an_id_that_was_deleted_is_not_another_photos_as_long_as_its_form_may_be_used(world: World) -> None:
    world.catalog.reserve(pending(id=ID, source_key=OWNER, created_at=NOON))
    world.delete(ID)
    assert world.process(world.upload(SECOND, png("blue"))).image_id == hashed_id(SECOND)
    world.process(world.upload(OWNER, png("red")))
    assert [entry.source_key for entry in world.catalog.entries.values()] == [SECOND]
    world.assert_true()


@pytest.mark.parametrize("key", ["raw/cat.png", OWNER, "raw/sub/cat"])
def test_the_ids_that_a_key_may_get_end_with_one_that_no_other_key_can_stand_for(key: str) -> None:
    *shared, own = candidate_ids(key)
    assert id_of(key) == [*shared, own][0]
    assert id_of(raw_key(own, "image/png")) != own
    assert all(id_of(raw_key(image_id, "image/png")) == image_id for image_id in shared)
