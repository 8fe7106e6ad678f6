"""The setting `CLOUDFRONT_VIEWER_SCHEME`."""

import os


def counts() -> bool:
    """Tell whether the scheme that a viewer used matters to behaviours and signatures.

    By default plain HTTP is treated as HTTPS, since LocalStack stands in for AWS's HTTPS endpoints.
    """
    return os.environ.get("CLOUDFRONT_VIEWER_SCHEME", "").lower() == "actual"
