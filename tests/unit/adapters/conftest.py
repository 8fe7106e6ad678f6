from collections.abc import Iterator

import pytest

from fakes.aws import FakeAWS, fake_aws


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAWS]:
    """An empty AWS with the stack's bucket, table and parameter."""
    with fake_aws(monkeypatch) as services:
        yield services
