"""The Authorization header, from which LocalStack reads account, region and service of each call."""

from typing import Final

from localstack.http import Request

from thumbpipe_localstack.signatures.identity import NOBODY_KEY
from thumbpipe_localstack.signatures.scope import Scope

_HEADER: Final = "Authorization"


def _write(request: Request, credential: str) -> None:
    # The signature was verified, or there is none: it is not checked again.
    request.headers[_HEADER] = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"


def write_authorization(request: Request, scope: Scope) -> None:
    """Copy the credential of a URL or a form into the header: LocalStack reads only the header."""
    _write(request, f"{scope.access_key}/{scope.text}")


def write_nobody(request: Request, service: str = "sqs", region: str = "us-east-1") -> None:
    """Mark a request as unsigned; otherwise LocalStack would add a signature itself."""
    _write(request, f"{NOBODY_KEY}/19700101/{region}/{service}/aws4_request")
