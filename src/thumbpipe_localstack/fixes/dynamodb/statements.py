"""PartiQL, of which moto's parser knows a part only: what it cannot read is the request's error, not a 500."""

import re
from collections.abc import Callable
from typing import Any, Final

from localstack.aws.api import CommonServiceException, RequestContext, ServiceException
from localstack.services.moto import call_moto, call_moto_with_request

_TABLE: Final = re.compile(r"\b(from|into|update)\s+\"([^\"]+)\"", re.IGNORECASE)
_COMPARISON: Final = re.compile(r"('(?:[^']|'')*'|\"[^\"]*\")|\s*(<=|>=|<>|=|<|>)\s*")
_UNREADABLE: Final = "Statement wasn't well formed, can't be processed: moto's parser of PartiQL cannot read it"


def execute(context: RequestContext, _request: dict[str, Any]) -> Any:  # noqa: ANN401 - LocalStack's own contract
    """Execute one statement, or a transaction of several.

    Raises:
        CommonServiceException: DynamoDB's ValidationException.
    """
    return _read(lambda: call_moto(context))


def execute_batch(context: RequestContext, request: dict[str, Any]) -> Any:  # noqa: ANN401
    """Execute each statement by itself; one that fails has its error in its place in the answer."""
    return {"Responses": [_execute_in_batch(context, statement) for statement in request["Statements"]]}


def _execute_in_batch(context: RequestContext, statement: dict[str, Any]) -> Any:  # noqa: ANN401
    plain = {**statement, "Statement": _rewrite(statement["Statement"])}
    try:
        answer = _read(lambda: call_moto_with_request(context, {"Statements": [plain]}))
    except ServiceException as error:
        return {"Error": {"Code": "ValidationError", "Message": error.message}}
    return answer["Responses"][0]


def _rewrite(statement: str) -> str:
    """Write a statement as moto's parser wants it: tables without quotation marks, spaces around comparisons."""
    return _COMPARISON.sub(lambda found: found[1] or f" {found[2]} ", _TABLE.sub(r"\1 \2", statement))


def _read(call: Callable[[], Any]) -> Any:  # noqa: ANN401
    try:
        return call()
    except ServiceException:
        raise
    except Exception as error:
        raise CommonServiceException("ValidationException", _UNREADABLE, status_code=400, sender_fault=True) from error
