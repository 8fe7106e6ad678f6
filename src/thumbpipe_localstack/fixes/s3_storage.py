"""S3 objects in LocalStack's own temporary folder (TMPDIR).

LocalStack writes them to a fixed folder in `/tmp`, by bucket name: two instances with buckets of the same name would
share files, and one that deletes its bucket would delete the other's files.
"""

import tempfile
from pathlib import Path

from localstack.runtime import hooks
from localstack.services.s3 import provider


@hooks.on_infra_start()  # type: ignore[untyped-decorator]  # LocalStack ships no types
def use_own_folder() -> None:
    """Set the folder before the provider is created."""
    provider.DEFAULT_S3_TMP_DIR = str(Path(tempfile.gettempdir(), "localstack-s3-storage"))
