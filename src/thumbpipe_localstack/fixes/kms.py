"""Symmetric KMS keys on Python 3.11, where LocalStack 4.13 fails to create them.

It calls `uuid5` with bytes, which Python accepts since 3.12.
"""

import hashlib
import sys
import uuid
from collections.abc import Callable

from localstack.runtime import hooks
from localstack.utils.patch import patch


@hooks.on_infra_start(should_load=sys.version_info < (3, 12))  # type: ignore[untyped-decorator]
def make_symmetric_keys() -> None:
    """Let `uuid5` accept bytes, as Python 3.12 does."""

    @patch(uuid.uuid5)  # type: ignore[untyped-decorator]
    def _uuid5(original: Callable[[uuid.UUID, str], uuid.UUID], namespace: uuid.UUID, name: str | bytes) -> uuid.UUID:
        if isinstance(name, str):
            return original(namespace, name)
        digest = hashlib.sha1(namespace.bytes + name, usedforsecurity=False).digest()
        return uuid.UUID(bytes=digest[:16], version=5)
