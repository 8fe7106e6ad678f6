import pytest

from fakes.world import World


@pytest.fixture
def world() -> World:
    """An empty bucket and catalog."""
    return World()
