"""Deleted stays deleted: whatever is uploaded by the image's form, and whatever is delivered, afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Final

import pytest

from fakes.values import NOON, png
from fakes.world import World
from thumbpipe.core.catalog.deletion import UPLOAD_GRACE_SECONDS
from thumbpipe.core.catalog.ids import hashed_id
from thumbpipe.core.catalog.image import Image
from thumbpipe.core.catalog.upload_request import UploadRequest, pending_image
from thumbpipe.core.delivery.photo_event import PhotoEvent
from thumbpipe.core.delivery.process import Outcome

FORM_LIFETIME: Final = timedelta(minutes=5)
KEY: Final = "raw/cat.png"


@pytest.fixture
def image(world: World) -> Image:
    """A reserved upload."""
    request = UploadRequest(filename="holiday.png", content_type="image/png", size_bytes=9)
    reserved = pending_image(
        request, at=NOON, entropy=bytes(10), lifetime=timedelta(days=1), form_lifetime=FORM_LIFETIME
    )
    world.catalog.reserve(reserved)
    return reserved


def assert_gone(world: World) -> None:
    world.assert_empty()
    assert world.catalog.deletions


@pytest.mark.parametrize("content", [png("red"), b"no photo"])
def test_an_image_deleted_while_its_upload_is_under_way_stays_deleted(
    world: World, image: Image, content: bytes
) -> None:
    world.delete(image.id)
    assert world.process(world.upload(image.source_key, content)).outcome is Outcome.GONE
    assert_gone(world)


@pytest.mark.parametrize("state", ["pending", "ready", "failed"])
@pytest.mark.parametrize("uses", [1, 2, 3])
def test_a_form_that_is_used_again_after_the_deletion_brings_nothing_back(
    world: World, image: Image, state: str, uses: int
) -> None:
    if state != "pending":
        world.process(world.upload(image.source_key, png() if state == "ready" else b"no photo"))
    world.delete(image.id)
    events = [world.upload(image.source_key, png(colour)) for colour in ("red", "blue", "green")[:uses]]
    for event in [*events, *events]:
        world.process(event)
    assert_gone(world)


@pytest.mark.parametrize("delivered", [False, True], ids=["before its event", "after its event"])
def test_a_second_deletion_removes_what_was_uploaded_since_the_first_at_once(
    world: World, image: Image, *, delivered: bool
) -> None:
    world.process(world.upload(image.source_key, png("red")))
    world.delete(image.id)
    again = world.upload(image.source_key, png("blue"))
    if delivered:
        world.process(again)
    world.delete(image.id)
    assert_gone(world)
    world.process(again)
    assert_gone(world)


# R is a reservation used once, U another use of its form, D a deletion; each event is delivered where its number is.
STEPS: Final = ("upload 1", "upload 2", "deliver 1", "deliver 2", "delete")


@pytest.mark.parametrize(
    "order",
    [
        order
        for order in permutations(STEPS)
        if all(order.index(f"upload {number}") < order.index(f"deliver {number}") for number in (1, 2))
    ],
    ids=" > ".join,
)
def test_in_every_order_a_deletion_of_a_form_s_image_is_final(world: World, image: Image, order: Sequence[str]) -> None:
    events: dict[str, PhotoEvent] = {}
    actions: dict[str, Callable[[str], object]] = {
        "upload": lambda number: events.update({number: world.upload(image.source_key, png(COLOURS[number]))}),
        "deliver": lambda number: world.process(events[number]),
        "delete": lambda _number: world.delete(image.id),
    }
    for step in order:
        action, _, number = step.partition(" ")
        actions[action](number)
    for event in events.values():
        world.process(event)
    assert_gone(world)


COLOURS: Final = {"1": "red", "2": "blue"}


def test_a_form_s_end_and_the_time_of_an_upload_are_waited_for_and_no_longer(world: World, image: Image) -> None:
    end = NOON + FORM_LIFETIME + timedelta(seconds=UPLOAD_GRACE_SECONDS)
    world.delete(image.id)
    last = replace(world.upload(image.source_key, png("red")), time=end)
    assert world.process(last).outcome is Outcome.GONE
    later = replace(world.upload(image.source_key, png("blue")), time=end + timedelta(seconds=1))
    assert world.process(later).outcome is Outcome.READY
    world.assert_true()
    assert world.entry().id == image.id
    assert world.entry().created_at == later.time


def test_a_photo_that_another_program_stores_again_after_its_deletion_is_a_new_one(world: World) -> None:
    world.process(world.upload(KEY, png("red")))
    world.delete(hashed_id(KEY))
    again = world.upload(KEY, png("blue"))
    assert world.process(again).outcome is Outcome.READY
    world.assert_true()
    assert world.entry().created_at == again.time


def test_the_deletion_of_a_photo_stored_again_removes_it_before_its_event_is_delivered(world: World) -> None:
    world.process(world.upload(KEY, png("red")))
    world.delete(hashed_id(KEY))
    again = world.upload(KEY, png("blue"))
    world.delete(hashed_id(KEY))
    assert world.process(again).outcome is Outcome.GONE
    assert_gone(world)


def test_an_event_delivered_again_after_the_deletion_changes_nothing(world: World) -> None:
    events = [world.upload(KEY, png(colour)) for colour in ("red", "blue")]
    for event in events:
        world.process(event)
    world.delete(hashed_id(KEY))
    for event in [*events, *reversed(events)]:
        assert world.process(event).outcome is Outcome.GONE
    assert_gone(world)


def test_deleting_what_was_never_there_remembers_nothing(world: World) -> None:
    world.delete(hashed_id(KEY))
    assert world.catalog.deletions == {}


def test_an_upload_whose_reservation_expired_before_its_event_came_can_be_deleted(world: World, image: Image) -> None:
    late = world.upload(image.source_key, png())
    del world.catalog.entries[image.id]
    world.delete(image.id)
    assert_gone(world)
    assert world.process(late).outcome is Outcome.GONE
    assert_gone(world)


def test_a_photo_that_has_an_entry_of_its_own_is_not_deleted_by_the_id_in_its_key(world: World, image: Image) -> None:
    other = image.source_key.replace(".png", ".jpg")
    world.process(world.upload(other, png("blue")))
    del world.catalog.entries[image.id]
    world.delete(image.id)
    assert [entry.source_key for entry in world.catalog.entries.values()] == [other]
    world.assert_true()
