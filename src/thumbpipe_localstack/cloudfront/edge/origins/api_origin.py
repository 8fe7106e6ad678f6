"""REST APIs as origins, called within this process."""

from urllib.parse import unquote

from localstack.http import Request
from localstack.services.edge import ROUTER
from localstack.services.plugins import SERVICE_PLUGINS
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from thumbpipe_localstack.cloudfront.edge.model.distribution import Origin
from thumbpipe_localstack.cloudfront.edge.origins.exchange import OriginRequest, OriginResponse


def ask_api(origin: Origin, request: OriginRequest) -> OriginResponse:
    """Call a REST API by LocalStack's own route."""
    SERVICE_PLUGINS.require("apigateway")
    headers = Headers(request.headers)
    headers["Host"] = f"{origin.api}.execute-api.{origin.region or 'us-east-1'}.amazonaws.com"
    asked = Request(
        request.method,
        path=unquote(request.path),
        raw_path=request.path,
        query_string=request.query,
        headers=headers,
        body=request.body,
        remote_addr=request.client_ip,
    )
    try:
        response = ROUTER.dispatch(asked)
    except HTTPException as error:  # no route: no such API, or a path that werkzeug redirects
        response = error.get_response()
    try:
        body = b"" if request.method == "HEAD" else response.get_data()
    finally:
        response.close()
    answer = Headers(list(response.headers))
    if request.method != "HEAD":
        answer.remove("Content-Length")
    return OriginResponse(status=response.status_code, headers=answer, body=body)
