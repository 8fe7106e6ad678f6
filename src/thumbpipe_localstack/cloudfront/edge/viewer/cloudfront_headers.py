"""`CloudFront-*` request headers, which describe a viewer to functions, the cache and origins."""

import re
from typing import Final

from thumbpipe_localstack.cloudfront.edge.model.caching import Caching
from thumbpipe_localstack.cloudfront.messages import ViewerRequest

_PREFIX: Final = "cloudfront-"
_TABLET: Final = re.compile(r"ipad|tablet|kindle|silk|android(?!.*mobile)")
_MOBILE: Final = re.compile(r"mobi|iphone|ipod|android|blackberry|windows phone")
_TELEVISION: Final = re.compile(r"smart-?tv|hbbtv|appletv|googletv|netcast|tizen.*tv|web0s")


def set_cloudfront_headers(request: ViewerRequest, caching: Caching, country: str) -> None:
    """Set the headers that the behaviour's policies select; those that the viewer sent are removed.

    Args:
        request: Its headers are changed.
        caching: The behaviour's policies.
        country: The viewer's.
    """
    headers = request.headers
    for name in [name for name, _ in headers if name.lower().startswith(_PREFIX)]:
        headers.remove(name)
    if not caching.cloudfront_headers:
        return
    device = _device(headers.get("User-Agent", ""))
    known = {
        "CloudFront-Forwarded-Proto": request.scheme,
        "CloudFront-Viewer-Address": request.client_ip,
        "CloudFront-Viewer-Country": country,
        "CloudFront-Viewer-Http-Version": request.http_version.partition("/")[2],
        **{
            f"CloudFront-Is-{kind}-Viewer": "true" if device == kind.lower() else "false"
            for kind in ("Desktop", "Mobile", "SmartTV", "Tablet")
        },
    }
    for name, value in known.items():
        if value and name.lower() in caching.cloudfront_headers:
            headers[name] = value


def _device(agent: str) -> str:
    text = agent.lower()
    if _TELEVISION.search(text):
        return "smarttv"
    if _TABLET.search(text):
        return "tablet"
    return "mobile" if _MOBILE.search(text) else "desktop"
