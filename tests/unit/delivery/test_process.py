from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Final

import pytest

from fakes.values import pending, png
from fakes.world import World
from thumbpipe.core.catalog.ids import hashed_id, id_of
from thumbpipe.core.catalog.image import State
from thumbpipe.core.catalog.object_keys import raw_key
from thumbpipe.core.delivery.process import Outcome
from thumbpipe.core.imaging.errors import ErrorCode

KEY: Final = "raw/Urlaub/Katze.PNG"
RESERVED: Final = "raw/01JDHM4V9R8Q2Z6T3X5Y7W1K0N.png"


def test_a_photo_becomes_ready_with_every_rendition(world: World) -> None:
    event = world.upload(KEY, png())
    delivered = world.process(event)
    assert delivered.outcome is Outcome.READY
    assert delivered.image == world.entry()
    image = world.entry()
    assert (image.id, image.state, image.filename) == (hashed_id(KEY), State.READY, "Katze.PNG")
    assert (image.width, image.height, image.format, image.frames) == (24, 16, "PNG", 1)
    assert (image.content_type, image.size_bytes) == ("image/png", len(png()))
    assert (image.created_at, image.processed_at) == (event.time, world.now)
    assert image.placeholder
    folder = f"thumbs/{image.id}/{event.source.etag[:8]}"
    assert {rendition.key for rendition in image.renditions} == {
        f"{folder}/8.webp",
        f"{folder}/8.jpg",
        f"{folder}/16.webp",
        f"{folder}/16.jpg",
    }
    world.assert_true()


def test_a_photo_of_a_reserved_upload_becomes_its_entrys(world: World) -> None:
    reserved = pending(id=RESERVED[4:30], source_key=RESERVED)
    world.catalog.reserve(reserved)
    world.process(world.upload(RESERVED, png()))
    image = world.entry()
    assert (image.id, image.filename, image.created_at) == (reserved.id, reserved.filename, reserved.created_at)
    assert image.expires_at is None
    world.assert_true()


def test_a_photo_without_a_reservation_gets_the_id_of_its_key(world: World) -> None:
    world.process(world.upload(RESERVED, png()))
    assert world.entry().id == RESERVED[4:30]


def test_a_key_that_contains_the_id_of_another_image_gets_a_different_id(world: World) -> None:
    borrowed = RESERVED.replace(".png", ".jpg")
    world.catalog.reserve(pending(id=RESERVED[4:30], source_key=RESERVED))
    world.process(world.upload(borrowed, png("blue")))
    world.process(world.upload(RESERVED, png("red")))
    assert set(world.catalog.entries) == {RESERVED[4:30], hashed_id(borrowed)}
    world.assert_true()


@pytest.mark.parametrize("first", ["robbed", "robber"])
def test_a_key_that_is_named_after_anothers_hash_takes_nothing_from_it(world: World, first: str) -> None:
    # Among unreserved keys, one whose hash could be an id issued by the API.
    robbed = next(key for key in (f"raw/{number}.png" for number in count()) if _could_be_reserved(hashed_id(key)))
    robber = raw_key(hashed_id(robbed), "image/png")
    keys = [robbed, robber] if first == "robbed" else [robber, robbed]
    for colour in ("red", "blue"):
        for key in keys:
            world.process(world.upload(key, png(colour)))
    assert {entry.source_key for entry in world.catalog.entries.values()} == {robbed, robber}
    world.assert_true()


def _could_be_reserved(image_id: str) -> bool:
    return id_of(raw_key(image_id, "image/png")) == image_id


def test_a_file_that_is_not_a_photo_fails_with_its_code(world: World) -> None:
    assert world.process(world.upload(KEY, b"Dear diary")).outcome is Outcome.FAILED
    image = world.entry()
    assert image.error is not None
    assert image.error.code == ErrorCode.NOT_AN_IMAGE
    assert image.error.message
    world.assert_true()


def test_an_empty_file_is_failed(world: World) -> None:
    world.process(world.upload(KEY, b""))
    assert world.entry().error is not None
    world.assert_true()


def test_a_photo_that_is_too_large_is_failed_without_being_fetched(world: World) -> None:
    effects: list[str] = []
    world.before = effects.append
    event = replace(world.upload(KEY, png()), size_bytes=5001)
    assert world.process(event).outcome is Outcome.FAILED
    error = world.entry().error
    assert error is not None
    assert (error.code, error.message) == (
        ErrorCode.TOO_MANY_BYTES,
        "The file has 5,001 bytes; at most 5,000 are allowed.",
    )
    assert "get" not in effects


def test_a_photo_as_large_as_the_limit_is_accepted(world: World) -> None:
    assert world.process(replace(world.upload(KEY, png()), size_bytes=5000)).outcome is Outcome.READY


def test_a_duplicate_event_changes_nothing(world: World) -> None:
    event = world.upload(KEY, png())
    world.process(event)
    objects, entry = dict(world.store.objects), world.entry()
    assert world.process(event).outcome is Outcome.REPEATED
    assert (world.store.objects, world.entry()) == (objects, entry)


def test_an_overwrite_replaces_renditions_and_entry_and_keeps_the_age(world: World) -> None:
    first, second = world.upload(KEY, png("red")), world.upload(KEY, png("blue"))
    world.process(first)
    world.process(second)
    assert world.entry().created_at == first.time
    world.assert_true()


def test_events_in_the_wrong_order_end_in_the_newest(world: World) -> None:
    first, second = world.upload(KEY, png("red")), world.upload(KEY, png("blue"))
    world.process(second)
    assert world.process(first).outcome is Outcome.SUPERSEDED
    world.assert_true()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1), (0, 2, 1, 0, 1, 2)])
def test_an_overwrite_that_is_taken_back_ends_in_the_content_of_both_ends(world: World, order: tuple[int, ...]) -> None:
    events = [world.upload(KEY, png(colour)) for colour in ("red", "blue", "red")]
    for index in order:
        world.process(events[index])
    world.assert_true()


def test_a_photo_overwritten_by_a_file_that_is_not_one_fails_without_renditions(world: World) -> None:
    world.process(world.upload(KEY, png()))
    world.process(world.upload(KEY, b"not any more"))
    assert world.entry().state is State.FAILED
    world.assert_true()
    world.process(world.upload(KEY, png("green")))
    assert world.entry().error is None
    world.assert_true()


def test_a_deleted_photo_leaves_nothing(world: World) -> None:
    event = world.upload(KEY, png())
    world.store.remove([event.source])
    assert world.process(event).outcome is Outcome.GONE
    world.assert_empty()


def test_a_deleted_photo_that_was_too_large_leaves_nothing(world: World) -> None:
    event = replace(world.upload(KEY, png()), size_bytes=5001)
    world.store.remove([event.source])
    assert world.process(event).outcome is Outcome.GONE
    world.assert_empty()


def test_a_photo_behind_a_delete_marker_is_still_delivered(world: World) -> None:
    event = world.upload(KEY, png())
    world.store.hide(KEY)
    assert world.process(event).outcome is Outcome.READY


def test_a_neighbour_with_the_same_key_prefix_is_not_touched(world: World) -> None:
    short, long = world.upload("raw/a", png("red")), world.upload("raw/a.png", png("blue"))
    world.process(long)
    world.process(short)
    world.process(world.upload("raw/a", png("green")))
    world.assert_true()
    world.delete(hashed_id("raw/a"))
    assert [entry.source_key for entry in world.catalog.entries.values()] == ["raw/a.png"]
    world.assert_true()


def test_the_time_of_creation_is_the_events_not_that_of_processing(world: World) -> None:
    event = world.upload(KEY, png())
    world.now += timedelta(hours=3)
    world.process(event)
    assert world.entry().created_at == event.time
