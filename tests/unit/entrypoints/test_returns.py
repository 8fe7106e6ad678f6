"""The code follows what happens: the path of a call seldom returns to a module that it had left."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Final

from fakes import events
from fakes.world import World
from support.returns import followed_path
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Recipe

PHOTO: Final = Path(__file__).parents[2] / "images" / "photos" / "two-dogs.jpg"


def test_the_path_of_an_upload_returns_at_most_nine_times(function: Callable[[str], ModuleType]) -> None:
    uploads, event = function("uploads"), events.load("api_reserve_upload")
    assert uploads.handler(event, events.CONTEXT)["statusCode"] == 201

    with followed_path("thumbpipe") as path:
        uploads.handler(event, events.CONTEXT)

    assert path.calls
    assert path.returns <= 9, path


def test_the_path_of_a_photo_returns_at_most_32_times() -> None:
    # One width, two formats: with more the figure grows by the turns of a loop.
    world = World()
    pipeline = replace(world.processor, recipe=Recipe(widths=(160,)), limits=Limits())
    pipeline.process(world.upload("raw/warm.jpg", PHOTO.read_bytes()))
    event = world.upload("raw/dogs.jpg", PHOTO.read_bytes())

    with followed_path("thumbpipe.core") as path:
        pipeline.process(event)

    assert path.calls
    assert path.returns <= 32, path
