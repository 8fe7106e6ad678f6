"""S3 objects in LocalStack's own temporary folder (TMPDIR).

LocalStack writes them to one fixed folder in `/tmp`, by the bucket's name: two LocalStacks with buckets of one name
would share it, and one that deletes its bucket takes the other's files away.
"""

import tempfile
from pathlib import Path

from localstack.runtime import hooks
from localstack.services.s3 import provider


@hooks.on_infra_start()  # type: ignore[untyped-decorator]  # LocalStack ships no types
def use_own_folder() -> None:
    """Name the folder before the provider is made."""
    provider.DEFAULT_S3_TMP_DIR = str(Path(tempfile.gettempdir(), "localstack-s3-storage"))
