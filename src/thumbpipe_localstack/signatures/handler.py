"""The handlers in LocalStack's request chain that authenticate a request."""

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.aws.connect import INTERNAL_REQUEST_PARAMS_HEADER
from localstack.http import Response

from thumbpipe_localstack.iam.verified import remember_key
from thumbpipe_localstack.signatures.answers import write_error
from thumbpipe_localstack.signatures.authorization import write_authorization
from thumbpipe_localstack.signatures.identity import NOBODY, Identity, caller_of, remember_caller
from thumbpipe_localstack.signatures.internal import NOBODYS_HEADERS
from thumbpipe_localstack.signatures.keyring import Keyring
from thumbpipe_localstack.signatures.posts import admit_form
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.unsigned import may_be_open, require_open


class Verifier:
    """The handlers, in the order in which a request passes through them.

    Args:
        keyring: The engine's keys.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def receive(self, _chain: HandlerChain, context: RequestContext, _response: Response) -> None:
        """Remember the request as received, and remove internal headers unless LocalStack itself sent it."""
        caller = remember_caller(context.request, self._keyring)
        for name in NOBODYS_HEADERS if caller.has_ticket else (*NOBODYS_HEADERS, INTERNAL_REQUEST_PARAMS_HEADER):
            context.request.headers.remove(name)

    def identify(self, _chain: HandlerChain, context: RequestContext, _response: Response) -> None:
        """Verify the signature of a call to an AWS service; errors are reported once the service is known."""
        identity = self._find(context)
        if isinstance(identity, Identity) and identity.is_in_url and identity.scope:
            write_authorization(context.request, identity.scope)

    def admit(self, chain: HandlerChain, context: RequestContext, response: Response) -> None:
        """Refuse a request whose signature is invalid."""
        found = self._find(context)
        if isinstance(found, RefusedError):
            _refuse(chain, context, response, found)
        elif found == NOBODY and not may_be_open(context):
            _refuse(chain, context, response, RefusedError(Reason.UNSIGNED))
        elif context.service is not None and found.scope is not None:
            expected, actual = context.service.signing_name, found.scope.service
            if actual != expected:
                _refuse(chain, context, response, _wrong_service(actual, expected))
        if isinstance(found, Identity):
            remember_key(context.request, found.access_key)

    def judge(self, chain: HandlerChain, context: RequestContext, response: Response) -> None:
        """Refuse an unsigned call, unless anonymous callers may make it; the call is parsed by now."""
        if context.service is None or context.operation is None:
            return
        caller = caller_of(context.request, self._keyring)
        try:
            is_unsigned = caller.identity() == NOBODY
            if is_unsigned and context.operation.name == "PostObject" and admit_form(context, caller):
                return
            if is_unsigned or caller.acts_for_nobody:
                require_open(context)
        except RefusedError as error:
            _refuse(chain, context, response, error)

    def _find(self, context: RequestContext) -> Identity | RefusedError:
        try:
            return caller_of(context.request, self._keyring).identity()
        except RefusedError as error:
            return error


def _refuse(chain: HandlerChain, context: RequestContext, response: Response, refused: RefusedError) -> None:
    response.update_from(write_error(refused, context))
    chain.stop()


def _wrong_service(actual: str, expected: str) -> RefusedError:
    if expected == "s3":
        message = f'The authorization header is malformed; incorrect service "{actual}". This endpoint belongs to "s3".'
        return RefusedError(Reason.MALFORMED, message)
    return RefusedError(Reason.MISMATCH, f"Credential should be scoped to correct service: '{expected}'.")
