"""The Authorization header, from which LocalStack reads account, region and service of each call."""

from typing import Final

from localstack.http import Request

from thumbpipe_localstack.signatures.identity import NOBODY_KEY
from thumbpipe_localstack.signatures.scope import Scope

_HEADER: Final = "Authorization"


def _write(request: Request, credential: str) -> None:
    # The signature was verified, or is none: nobody looks at it again.
    request.headers[_HEADER] = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"


def write_authorization(request: Request, scope: Scope) -> None:
    """Say in the header what a URL or a form says, since LocalStack asks the header alone."""
    _write(request, f"{scope.access_key}/{scope.text}")


def write_nobody(request: Request, service: str = "sqs", region: str = "us-east-1") -> None:
    """Say that nobody has signed a request, where LocalStack would sign it itself."""
    _write(request, f"{NOBODY_KEY}/19700101/{region}/{service}/aws4_request")
