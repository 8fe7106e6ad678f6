"""The Authorization header, from which LocalStack reads account, region and service of each call."""

from localstack.http import Request

from thumbpipe_localstack.signatures.identity import Identity

NOBODY_KEY = "injectedaccesskey"
"""The key id that LocalStack itself gives to a request which nobody has signed. It is nobody's key here, too."""

_HEADER = "Authorization"


def _write(request: Request, credential: str) -> None:
    # The signature was verified, or is none: nobody looks at it again.
    request.headers[_HEADER] = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"


def write_authorization(request: Request, identity: Identity) -> None:
    """Say in the header what a URL says, since LocalStack asks the header alone."""
    if identity.scope is not None:
        _write(request, f"{identity.scope.access_key}/{identity.scope.text}")


def write_nobody(request: Request, service: str = "sqs", region: str = "us-east-1") -> None:
    """Say that nobody has signed a request, where LocalStack would sign it itself."""
    _write(request, f"{NOBODY_KEY}/19700101/{region}/{service}/aws4_request")
