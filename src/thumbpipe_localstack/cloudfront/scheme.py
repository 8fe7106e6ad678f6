"""Whether a viewer's own scheme counts."""

import os


def counts() -> bool:
    """Tell whether behaviors and signatures look at the scheme that a viewer really used.

    LocalStack stands for AWS's endpoints with TLS: unless it is set otherwise, plain HTTP is as good as HTTPS.
    """
    return os.environ.get("CLOUDFRONT_VIEWER_SCHEME", "").lower() == "actual"
