"""REST API methods with AWS_IAM authorization, which LocalStack does not enforce."""

from typing import Any, Final

from localstack.services.apigateway.next_gen.execute_api import handlers
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    BaseGatewayException,
    ExpiredTokenError,
    InvalidSignatureError,
    MissingAuthTokenError,
)

from thumbpipe_localstack.signatures.answers import write_json_error
from thumbpipe_localstack.signatures.gate import Gate
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError

_ERRORS: Final = {Reason.UNSIGNED: MissingAuthTokenError, Reason.EXPIRED_TOKEN: ExpiredTokenError}


def require_signatures(gate: Gate) -> None:
    """Add the check after the method has been resolved."""

    def check(_chain: object, context: Any, _response: object) -> None:  # noqa: ANN401 - LocalStack ships no types
        if context.resource_method.get("authorizationType") != "AWS_IAM":
            return
        try:
            gate.require(context.request, service="execute-api")
        except RefusedError as error:
            raise _describe(error) from error

    handlers.preprocess_request.append(check)


def _describe(refused: RefusedError) -> BaseGatewayException:
    answer = write_json_error(refused)
    if refused.reason is Reason.UNSIGNED:
        return MissingAuthTokenError("Missing Authentication Token")
    error = _ERRORS.get(refused.reason, InvalidSignatureError)(answer.get_json()["message"])
    error.code = answer.headers["x-amzn-ErrorType"]
    return error
