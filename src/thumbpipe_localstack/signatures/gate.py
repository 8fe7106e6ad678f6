"""Authorization for LocalStack's own routes."""

from collections.abc import Mapping
from typing import Any, Final

from localstack.aws.api import CommonServiceException
from localstack.http import Request, Response, Router
from localstack.http.request import get_raw_path
from localstack.utils.strings import long_uid

from thumbpipe_localstack.signatures.answers import words_of_query, write_json_error
from thumbpipe_localstack.signatures.authorization import write_authorization, write_nobody
from thumbpipe_localstack.signatures.identity import NOBODY, caller_of
from thumbpipe_localstack.signatures.key import Owner
from thumbpipe_localstack.signatures.keyring import Keyring
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.routes import Access, find_access

_READING: Final = ("GET", "HEAD")
_OF_JSON: Final = "application/x-amz-json-1.0"


class Gate:
    """Decides which requests reach LocalStack's own routes.

    Args:
        keyring: The engine's keys.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def guard(self, router: Router) -> None:
        """Put the gate in front of a router."""

        def dispatch(request: Request) -> Response:
            # As rolo's own dispatcher does, except that it asks for the matched rule, which says who may use the route.
            matcher = router.url_map.bind(server_name=request.host)
            rule, arguments = matcher.match(get_raw_path(request), method=request.method, return_rule=True)
            arguments.pop("__host__", None)
            refusal = self._refuse(request, rule, arguments)
            return router.dispatcher(request, rule.endpoint, arguments) if refusal is None else refusal

        router.dispatch = dispatch

    # Neither LocalStack nor werkzeug ships usable types: rules and their arguments are `Any`.
    def _refuse(self, request: Request, rule: Any, arguments: Mapping[str, Any]) -> Response | None:  # noqa: ANN401
        """Return the error response if the request may not use a route, else None."""
        access = find_access(rule.rule, rule.host)
        try:
            if access is Access.QUEUE:
                return self._admit_to_queue(request)
            if access is Access.FUNCTION_URL:
                self._require_for_function(request, arguments)
            elif access is Access.ROOT or (access is Access.READABLE and request.method not in _READING):
                # Not for LocalStack's own requests: a REST API can make it call any path that a client chooses.
                self.require(request, owner=Owner.ROOT)
            elif access is Access.SIGNED:
                self.require(request)
        except RefusedError as error:
            return write_json_error(error)
        return None

    def require(self, request: Request, *, owner: Owner | None = None, service: str = "") -> None:
        """Check who signed a request.

        Args:
            request: The request.
            owner: The only access key that is accepted; None accepts any.
            service: The service that the signature must be scoped to; an empty text accepts any.

        Raises:
            RefusedError: It is unsigned, or signed with another key.
        """
        identity = caller_of(request, self._keyring).identity()
        if identity == NOBODY:
            raise RefusedError(Reason.UNSIGNED)
        if owner is not None and identity.owner is not owner:
            raise RefusedError(Reason.FORBIDDEN, "Only the root user may use this route.")
        if service and identity.scope is not None and identity.scope.service != service:
            raise RefusedError(Reason.MISMATCH, f"Credential should be scoped to correct service: '{service}'.")

    def _require_for_function(self, request: Request, arguments: Mapping[str, Any]) -> None:
        # Imported here: Lambda takes a while to load.
        from localstack.services.lambda_.invocation.models import lambda_stores  # noqa: PLC0415

        wanted = arguments["api_id"].lower()
        stores = (lambda_stores[account][arguments["region"]] for account in list(lambda_stores))
        functions = (function for store in stores for function in list(store.functions.values()))
        urls = (url for function in functions for url in list(function.function_url_configs.values()))
        if any(url.url_id.lower() == wanted and url.auth_type == "AWS_IAM" for url in urls):
            self.require(request, service="lambda")

    def _admit_to_queue(self, request: Request) -> Response | None:
        """Pass on a call at a queue's URL; LocalStack turns it into an internal call with the same access key."""
        if request.headers.get("Content-Type", "").lower() == _OF_JSON:
            return None  # which LocalStack passes on to SQS itself
        try:
            identity = caller_of(request, self._keyring).identity()
            if identity != NOBODY:
                self.require(request, service="sqs")
        except RefusedError as error:
            return _refuse_as_sqs(request, error)
        if identity == NOBODY:
            write_nobody(request)
        elif identity.is_in_url and identity.scope:
            write_authorization(request, identity.scope)
        return None


def _refuse_as_sqs(request: Request, refused: RefusedError) -> Response:
    from localstack.services.sqs import query_api  # noqa: PLC0415 - see above

    code, message, status = words_of_query(refused)
    error = CommonServiceException(code, message, status_code=status, sender_fault=True)
    operation = query_api.service.operation_model(query_api.service.operation_names[0])
    return query_api.serializer.serialize_error_to_response(error, operation, request.headers, long_uid())
