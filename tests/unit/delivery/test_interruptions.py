"""Deliveries and deletions that are interrupted, or interleaved with others, at every step."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Final
from unittest.mock import patch

import pytest

from fakes.values import pending, png
from fakes.world import World
from thumbpipe.core.catalog.ids import hashed_id
from thumbpipe.core.catalog.image import Image
from thumbpipe.core.delivery.photo_event import PhotoEvent

KEY: Final = "raw/cat.png"
ID: Final = hashed_id(KEY)


Situation = Callable[[World], PhotoEvent]
Operation = Callable[[World, PhotoEvent], None]


class CrashError(Exception):
    """The process dies here."""


def at_step(number: int, action: Callable[[], object]) -> Callable[[str], None]:
    """Make a hook that acts before the effect of this number, once, and leave the effects of `action` alone."""
    seen = 0

    def hook(_effect: str) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            action()

    return hook


def each_step(situation: Situation, operation: Operation, action: Operation) -> Iterator[tuple[World, PhotoEvent]]:
    """Run the operation in fresh worlds, in each with the action before another of its effects.

    It yields each world after the operation has ended or crashed, and ends with the first that had no such effect.
    """
    for number in count(1):
        world = World()
        event = situation(world)
        reached = False

        def interrupt(world: World = world, event: PhotoEvent = event) -> None:
            nonlocal reached
            reached = True
            action(world, event)

        world.before = at_step(number, interrupt)
        with suppress(CrashError):
            operation(world, event)
        world.before = lambda _effect: None
        if not reached:
            assert number > 1
            return
        yield world, event


def process(world: World, event: PhotoEvent) -> None:
    world.process(event)


def delete(world: World, _event: PhotoEvent) -> None:
    world.delete(ID)


def die(_world: World, _event: PhotoEvent) -> None:
    raise CrashError


def fresh(world: World) -> PhotoEvent:
    return world.upload(KEY, png("red"))


def reserved(world: World) -> PhotoEvent:
    world.catalog.reserve(pending(id=ID, source_key=KEY))
    return world.upload(KEY, png("red"))


def overwrite(world: World) -> PhotoEvent:
    world.process(world.upload(KEY, png("red")))
    return world.upload(KEY, png("blue"))


def overwrite_by_no_photo(world: World) -> PhotoEvent:
    world.process(world.upload(KEY, png("red")))
    return world.upload(KEY, b"text")


def overwrite_by_the_same(world: World) -> PhotoEvent:
    world.process(world.upload(KEY, png("red")))
    return world.upload(KEY, png("red"))


def superseded(world: World) -> PhotoEvent:
    old = world.upload(KEY, png("red"))
    world.process(world.upload(KEY, png("blue")))
    return old


def repeated(world: World) -> PhotoEvent:
    event = world.upload(KEY, png("red"))
    world.process(event)
    return event


SITUATIONS: Final = pytest.mark.parametrize(
    "situation", [fresh, reserved, overwrite, overwrite_by_no_photo, overwrite_by_the_same, superseded, repeated]
)
CATALOGUED: Final = pytest.mark.parametrize(
    "situation", [reserved, overwrite, overwrite_by_no_photo, overwrite_by_the_same, superseded, repeated]
)


@SITUATIONS
def test_a_delivery_that_crashed_anywhere_is_complete_after_the_retry(situation: Situation) -> None:
    for world, event in each_step(situation, process, die):
        world.process(event)
        world.assert_true()


@SITUATIONS
def test_a_photo_deleted_anywhere_in_its_delivery_leaves_nothing(situation: Situation) -> None:
    for world, _event in each_step(situation, process, delete):
        # Only what is in the catalog can be deleted: a fresh photo is there as a whole, or not at all.
        world.assert_true()
        if situation is not fresh:
            world.assert_empty()


@SITUATIONS
def test_a_delivery_that_crashed_anywhere_and_whose_photo_was_deleted_leaves_nothing(situation: Situation) -> None:
    for world, event in each_step(situation, process, die):
        world.delete(ID)
        world.store.remove(list(world.store.versions("raw/")))
        world.process(event)
        world.assert_empty()


@CATALOGUED
def test_a_deletion_that_crashed_anywhere_can_be_repeated(situation: Situation) -> None:
    for world, event in each_step(situation, delete, die):
        world.delete(ID)
        world.process(event)
        world.assert_empty()


@CATALOGUED
def test_a_deletion_that_crashed_anywhere_can_be_repeated_after_a_delivery(situation: Situation) -> None:
    for world, event in each_step(situation, delete, die):
        world.process(event)
        world.delete(ID)
        world.assert_empty()


@CATALOGUED
def test_a_delivery_in_the_middle_of_a_deletion_leaves_nothing(situation: Situation) -> None:
    for world, _event in each_step(situation, delete, process):
        world.assert_empty()


@CATALOGUED
def test_a_photo_that_arrives_during_a_deletion_is_complete_or_absent(
    situation: Situation,
) -> None:
    def arrive(world: World, _event: PhotoEvent) -> None:
        world.process(world.upload(KEY, png("green")))

    for world, _event in each_step(situation, delete, arrive):
        world.assert_true()


@CATALOGUED
def test_a_photo_that_arrives_in_the_middle_of_a_deletion_may_be_delivered_later(situation: Situation) -> None:
    arrived: list[PhotoEvent] = []

    def arrive(world: World, _event: PhotoEvent) -> None:
        arrived.append(world.upload(KEY, png("red")))

    for world, event in each_step(situation, delete, arrive):
        world.process(arrived.pop())
        world.process(event)
        world.assert_true()


@SITUATIONS
@pytest.mark.parametrize("colour", ["red", "green"])
def test_a_newer_photo_delivered_in_the_middle_of_a_delivery_wins(situation: Situation, colour: str) -> None:
    def arrive(world: World, _event: PhotoEvent) -> None:
        world.process(world.upload(KEY, png(colour)))

    for world, _event in each_step(situation, process, arrive):
        world.assert_true()


@SITUATIONS
@pytest.mark.parametrize("colour", ["red", "green"])
def test_a_newer_photo_stored_in_the_middle_of_a_delivery_wins_later(situation: Situation, colour: str) -> None:
    arrived: list[PhotoEvent] = []

    def arrive(world: World, _event: PhotoEvent) -> None:
        arrived.append(world.upload(KEY, png(colour)))

    for world, event in each_step(situation, process, arrive):
        world.process(arrived.pop())
        world.process(event)
        world.assert_true()


@SITUATIONS
def test_the_same_event_during_its_delivery_changes_nothing(situation: Situation) -> None:
    for world, _event in each_step(situation, process, process):
        world.assert_true()


def test_a_write_whose_response_was_lost_and_whose_retry_is_refused_keeps_its_files() -> None:
    # So it looks when the SDK repeats a write that had arrived: it is refused because of itself.
    world = World()
    event = world.upload(KEY, png())
    record = world.catalog.record

    def record_twice(image: Image) -> Image | None:
        record(image)
        return record(image)

    with patch.object(world.catalog, "record", record_twice):
        world.process(event)
    world.assert_true()


def test_a_photo_deleted_before_its_entry_was_written_leaves_nothing_though_the_delivery_crashed_then() -> None:
    world = World()
    event = reserved(world)

    def interrupt(effect: str) -> None:
        if effect == "record":
            world.before = lambda _effect: None
            world.delete(ID)
            world.before = interrupt
        if effect == "content_type":
            raise CrashError

    world.before = interrupt
    with pytest.raises(CrashError):
        world.process(event)
    world.before = lambda _effect: None
    assert world.entry().id == ID
    world.process(event)
    world.assert_empty()


def test_an_id_taken_by_another_photo_during_a_delivery_stays_with_that_photo() -> None:
    borrowed, owned = (f"raw/01JDHM4V9R8Q2Z6T3X5Y7W1K0N.{ending}" for ending in ("png", "jpg"))

    def borrow(world: World) -> PhotoEvent:
        return world.upload(borrowed, png("red"))

    def own(world: World, _event: PhotoEvent) -> None:
        world.process(world.upload(owned, png("red")))

    for world, _event in each_step(borrow, process, own):
        world.assert_true()
