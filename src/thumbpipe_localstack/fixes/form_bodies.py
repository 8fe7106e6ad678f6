"""Forms that REST APIs and function URLs receive, whose bodies LocalStack writes anew.

It takes for the boundary what follows the first `=` of the content type: without one it responds 500, and with another
parameter before it, or with quotation marks, the body no longer fits its header.
"""

from typing import Any, Final

from localstack.runtime import hooks
from rolo import request as rolo_request
from werkzeug.datastructures import MultiDict
from werkzeug.test import encode_multipart

_FORM: Final = "multipart/form-data"


@hooks.on_infra_start()  # type: ignore[untyped-decorator]
def keep_boundaries() -> None:
    """Write bodies with the boundary that their header names."""
    # Here, not above: they take a while to load.
    from localstack.services.apigateway.next_gen.execute_api.handlers import parse  # noqa: PLC0415
    from localstack.services.lambda_ import urlrouter  # noqa: PLC0415

    for module in (parse, urlrouter):
        module.restore_payload = restore_body


def restore_body(request: Any) -> bytes:  # noqa: ANN401 - rolo ships no types
    """Return a request's body, though it may have been read as a form."""
    if request.shallow or request.method != "POST" or request.mimetype != _FORM:
        restored: bytes = rolo_request.restore_payload(request)
        return restored
    data: bytes = request.data
    boundary = request.mimetype_params.get("boundary")
    if not boundary:
        return data
    fields = MultiDict(request.form)
    fields.update(request.files)
    return data + encode_multipart(fields, boundary)[1]
