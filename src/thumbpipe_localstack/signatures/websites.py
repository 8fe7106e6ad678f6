"""Bucket websites: visitors read anonymously."""

from typing import Any, Final

from localstack.aws.connect import connect_to
from localstack.http import Response
from localstack.utils.patch import patch

from thumbpipe_localstack.signatures.identity import NOBODY_KEY

_DENIED: Final = "AccessDenied"
_PAGE: Final = """<html>
<head><title>403 Forbidden</title></head>
<body>
<h1>403 Forbidden</h1>
<ul>
<li>Code: AccessDenied</li>
<li>Message: Access Denied</li>
</ul>
<hr/>
</body>
</html>
"""


class _Visitor:
    """An S3 client that reads objects anonymously, and a website's configuration as LocalStack itself."""

    def __init__(self, owner: Any) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        self._owner = owner

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        is_of_object = name in ("get_object", "head_object")
        return getattr(connect_to(aws_access_key_id=NOBODY_KEY).s3 if is_of_object else self._owner, name)


def read_as_nobody() -> None:
    """Make websites read objects anonymously."""
    # Imported here: S3 takes a while to load.
    from localstack.services.s3.website_hosting import S3WebsiteHostingHandler  # noqa: PLC0415

    @patch(S3WebsiteHostingHandler.__init__)  # type: ignore[untyped-decorator]
    def init(original: Any, handler: Any) -> None:  # noqa: ANN401
        original(handler)
        handler.s3_client = _Visitor(handler.s3_client)

    @patch(S3WebsiteHostingHandler.__call__)  # type: ignore[untyped-decorator]
    def serve(original: Any, handler: Any, *args: Any, **arguments: Any) -> Response:  # noqa: ANN401
        try:
            return original(handler, *args, **arguments)
        except handler.s3_client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != _DENIED:
                raise
            return Response(_PAGE, status=403, mimetype="text/html")
