"""S3 presigned URLs: query parameters that stand for headers, in LocalStack's chain.

LocalStack's own handler verifies a signature as well: with the secret `test` for a key that it does not know, and for
several ports in turn. By this point the URL is already verified; its parameters are copied to where LocalStack reads
them.
"""

from typing import Final

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response

from thumbpipe_localstack.signatures import presigned, sigv2
from thumbpipe_localstack.signatures.claim import HASH_HEADER
from thumbpipe_localstack.signatures.identity import caller_of
from thumbpipe_localstack.signatures.keyring import Keyring

_STANDARD: Final = ("content-md5", "content-type", "if-match", "if-none-match")
_AUTHENTICATION: Final = frozenset(name.lower() for name in (*presigned.PARAMETERS, *sigv2.PARAMETERS))
_CHECKSUM: Final = "x-amz-checksum-"


class ParametersToHeaders:
    """Replaces LocalStack's handler.

    Args:
        keyring: The engine's keys.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def __call__(self, _chain: HandlerChain, context: RequestContext, _response: Response) -> None:
        """Add headers for the parameters of a presigned URL."""
        caller = caller_of(context.request, self._keyring)
        if caller.has_ticket or not caller.identity().is_in_url:
            return
        signed = (caller.received.parameter("X-Amz-SignedHeaders") or "").split(";")
        headers = context.request.headers
        for name, values in caller.received.parameters.items():
            key = name.lower()
            if key in _AUTHENTICATION or key == HASH_HEADER or key in headers:
                continue
            # An SDK that does not know the body yet sends an empty body's checksum, unless the checksum is signed.
            is_guess = key.startswith(_CHECKSUM) and key not in signed
            if (key.startswith("x-amz-") or key in _STANDARD) and not is_guess:
                headers.add(key, values[0])
