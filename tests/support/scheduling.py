"""How pytest-xdist distributes tests to its processes: by custom scopes.

pytest-xdist's own groups get lost with pytest 9.2, which has no `_nodeid` any more.
"""

from collections.abc import Callable

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling


class ByScope(LoadScopeScheduling):  # type: ignore[misc] # pytest-xdist carries no types
    """Runs the tests of a scope in one process, one after the other.

    Args:
        config: pytest's.
        log: pytest-xdist's.
        scope_of: Returns the scope of a test by its node id.
    """

    def __init__(self, config: pytest.Config, log: Producer, scope_of: Callable[[str], str]) -> None:
        super().__init__(config, log)
        self._split_scope = scope_of


def file_of(nodeid: str) -> str:
    """Return the file of a test: the usual scope."""
    return nodeid.partition("::")[0]
