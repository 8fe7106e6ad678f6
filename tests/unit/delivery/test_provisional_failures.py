"""A photo that no attempt brings to an end is failed, not pending, and may still become ready."""

from typing import Final

import pytest

from fakes.values import pending, png
from fakes.world import World
from thumbpipe.core.catalog.ids import hashed_id
from thumbpipe.core.catalog.image import PROCESSING_FAILED, State
from thumbpipe.core.delivery.process import Outcome

KEY: Final = "raw/cat.png"
ID: Final = hashed_id(KEY)


class KilledError(Exception):
    """The function ends here."""


def kill(effect: str) -> None:
    if effect == "put":
        raise KilledError


@pytest.mark.parametrize("reserved", [False, True])
def test_a_photo_whose_last_attempt_is_killed_is_failed_with_a_code_of_its_own(world: World, *, reserved: bool) -> None:
    if reserved:
        world.catalog.reserve(pending(id=ID, source_key=KEY))
    event = world.upload(KEY, png())
    world.processor.expect_failure(event)
    world.before = kill
    with pytest.raises(KilledError):
        world.process(event)
    entry = world.entry()
    assert entry.error is not None
    assert (entry.state, entry.error.code, entry.expires_at) == (State.FAILED, PROCESSING_FAILED, None)
    assert "time and memory" in entry.error.message
    world.before = lambda _effect: None
    world.assert_true()


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_last_attempt_that_succeeds_is_ready(world: World, attempts: int) -> None:
    event = world.upload(KEY, png())
    for _ in range(attempts):
        world.processor.expect_failure(event)
        world.process(event)
    assert world.entry().state is State.READY
    world.assert_true()


def test_a_message_sent_again_from_the_dead_letter_queue_is_processed_anew(world: World) -> None:
    event = world.upload(KEY, png())
    world.processor.expect_failure(event)
    assert not world.processor.is_processed(event)
    assert world.process(event).outcome is Outcome.READY
    assert world.processor.is_processed(event)
    assert world.process(event).outcome is Outcome.REPEATED
    world.assert_true()


def test_a_file_that_is_no_photo_gets_its_own_code_after_all(world: World) -> None:
    event = world.upload(KEY, b"no photo")
    world.processor.expect_failure(event)
    world.process(event)
    error = world.entry().error
    assert error is not None
    assert error.code == "not_an_image"


def test_an_overwrite_that_is_expected_to_fail_removes_the_renditions_of_the_photo_it_replaced(world: World) -> None:
    world.process(world.upload(KEY, png("red")))
    world.processor.expect_failure(world.upload(KEY, png("blue")))
    assert world.entry().error is not None
    world.assert_true()


@pytest.mark.parametrize("what", ["processed", "overwritten", "deleted", "expired"])
def test_no_failure_is_expected_of_what_needs_no_attempt(world: World, what: str) -> None:
    world.catalog.reserve(pending(id=ID, source_key=KEY))
    event = world.upload(KEY, png("red"))
    match what:
        case "processed":
            world.process(event)
        case "overwritten":
            world.process(world.upload(KEY, png("blue")))
        case "deleted":
            world.delete(ID)
        case "expired":
            world.store.remove([event.source])
    before = dict(world.catalog.entries)
    world.processor.expect_failure(event)
    assert world.catalog.entries == before
