"""The dispatch table: a handler for each operation of CloudFront's API."""

import threading
from typing import Any, Final

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.spec import load_service

from thumbpipe_localstack.cloudfront import registry
from thumbpipe_localstack.cloudfront.control import distributions, functions, invalidations, listings, tags
from thumbpipe_localstack.cloudfront.control.access_controls import ACCESS_CONTROL
from thumbpipe_localstack.cloudfront.control.policies import (
    CACHE_POLICY,
    ORIGIN_REQUEST_POLICY,
    RESPONSE_HEADERS_POLICY,
)
from thumbpipe_localstack.cloudfront.control.public_keys import KEY_GROUP, PUBLIC_KEY
from thumbpipe_localstack.cloudfront.control.resources import Answer, Operation, make_operations
from thumbpipe_localstack.cloudfront.control.shapes import read_request

_KINDS: Final = (ACCESS_CONTROL, CACHE_POLICY, ORIGIN_REQUEST_POLICY, RESPONSE_HEADERS_POLICY, PUBLIC_KEY, KEY_GROUP)
_READS: Final = ("Get", "List", "Describe", "Test")

# LocalStack serves requests on many threads: this lock makes each atomic, from its validation to its change.
_LOCK: Final = threading.RLock()


def _collect() -> dict[str, Operation]:
    found: dict[str, Operation] = {}
    for kind in _KINDS:
        found |= make_operations(kind)
    for module in (distributions, listings, functions, invalidations, tags):
        found |= module.OPERATIONS
    return found


SUPPORTED: Final = _collect()


def _serve(name: str, operation: Operation) -> Operation:
    """Wrap an operation in the steps common to all: validation, the lock, and the notification of changes."""

    def serve(context: RequestContext, request: dict[str, Any]) -> Answer:
        given = read_request(context.operation.input_shape, request)
        with _LOCK:
            answer = operation(context, given)
            if not name.startswith(_READS):
                registry.changed()
            return answer

    return serve


def _refuse(name: str) -> Operation:
    def refuse(_context: RequestContext, _request: dict[str, Any]) -> Answer:
        raise CommonServiceException(
            "NotImplemented", f"thumbpipe-localstack does not support CloudFront's operation {name}", status_code=501
        )

    return refuse


def make_table() -> dict[str, Operation]:
    """Return a handler for each operation of the service model; unsupported ones raise an error."""
    return {
        name: _serve(name, SUPPORTED[name]) if name in SUPPORTED else _refuse(name)
        for name in load_service("cloudfront").operation_names
    }
