"""The path of a viewer's request through the edge: the modules that it visits, and its returns to those it had left.

    python benchmarks/edge_path.py            # of a miss and a hit, without functions and with two
    python benchmarks/edge_path.py --visits   # each visit, too

It serves one real request inside the engine's Python, from an HTTP origin of its own. See `module_path` for what
counts as a visit and a return.
"""

import argparse
import dataclasses
import functools
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from module_path import follow

PACKAGE: Final = "thumbpipe_localstack"
ACCOUNT: Final = "000000000000"
HOST: Final = "e1.cloudfront.localhost"
FUNCTIONS: Final = {
    "viewer-request": b"function handler(e) { e.request.headers['x-a'] = {value: '1'}; return e.request; }",
    "viewer-response": b"function handler(e) { e.response.headers['x-b'] = {value: '1'}; return e.response; }",
}
# AWS's own: CachingOptimized, AllViewer, CORS-and-SecurityHeadersPolicy.
POLICIES: Final = {
    "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "OriginRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3",
    "ResponseHeadersPolicyId": "e61eb60c-9c35-4d20-a928-2b84e02af89c",
}


class _Origin(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"x" * 5_000
        self.send_response(200)
        for name, value in {"Content-Type": "text/plain", "Cache-Control": "max-age=60", "ETag": '"a"'}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _running_origin() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Origin) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def _function_arn(name: str) -> str:
    return f"arn:aws:cloudfront::{ACCOUNT}:function/{name}"


def _make_config(port: int) -> dict[str, Any]:
    """A distribution before the origin, with AWS's policies and a function for each event."""
    connection = {"HTTPPort": port, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"}
    origin = {"Id": "main", "DomainName": "localhost", "CustomOriginConfig": connection}
    functions = [{"EventType": event, "FunctionARN": _function_arn(event)} for event in FUNCTIONS]
    behavior = {"TargetOriginId": "main", "ViewerProtocolPolicy": "allow-all", "Compress": True, **POLICIES}
    return {
        "CallerReference": "path",
        "Enabled": True,
        "Comment": "",
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behavior | {"FunctionAssociations": {"Quantity": 2, "Items": functions}},
    }


def _compile_edge(port: int) -> Any:  # noqa: ANN401 - the plugin is in the engine's environment
    from thumbpipe_localstack.cloudfront import registry  # noqa: PLC0415 - as above
    from thumbpipe_localstack.cloudfront.control.defaults import with_defaults  # noqa: PLC0415
    from thumbpipe_localstack.cloudfront.edge.compile.distribution import edge_of  # noqa: PLC0415
    from thumbpipe_localstack.cloudfront.store import Distribution, Function  # noqa: PLC0415

    stored: dict[str, Any] = {"etag": "E", "created": 0.0, "modified": 0.0}
    store = registry.store_of(ACCOUNT)
    for event, code in FUNCTIONS.items():
        config = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
        function = Function(
            id=event, arn=_function_arn(event), config=config, code=code, live_code=code, live_config=config, **stored
        )
        store.functions[event] = function
    distribution = Distribution(
        id="E1",
        arn=f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1",
        config=with_defaults(_make_config(port)),
        account_id=ACCOUNT,
        domain_name=HOST,
        deployed_at=0.0,
        **stored,
    )
    store.distributions["E1"] = distribution
    registry.changed()
    return edge_of(distribution)


def _make_request(path: str) -> Any:  # noqa: ANN401
    from werkzeug.datastructures import Headers  # noqa: PLC0415

    from thumbpipe_localstack.cloudfront.messages import ViewerRequest  # noqa: PLC0415

    sent = {
        "Host": HOST,
        "User-Agent": "path",
        "Accept-Encoding": "gzip, br",
        "Cookie": "a=1",
        "Origin": "http://b.test",
    }
    return ViewerRequest(
        method="GET",
        scheme="https",
        host=HOST,
        path=path,
        query="a=1",
        headers=Headers(sent),
        body=b"",
        client_ip="127.0.0.1",
        http_version="HTTP/1.1",
        received_at=time.time(),
        request_id="id",
        authority=HOST,
    )


def _without_functions(edge: Any) -> Any:  # noqa: ANN401
    plain = [dataclasses.replace(each, viewer_request=None, viewer_response=None) for each in edge.behaviours]
    return dataclasses.replace(edge, behaviours=tuple(plain))


def measure(*, shows_visits: bool) -> None:
    """Serve a miss and a hit, without functions and with two, and print their paths."""
    from thumbpipe_localstack.cloudfront.edge.cache.entries import Cache  # noqa: PLC0415
    from thumbpipe_localstack.cloudfront.edge.request_flow import serve  # noqa: PLC0415

    with _running_origin() as port:
        cache, edge = Cache(1 << 26), _compile_edge(port)
        serve(cache, edge, _make_request("/first"))  # what is imported or compiled at first use is no part of the path
        for name, path_asked, served in (
            ("without functions", "/plain", _without_functions(edge)),
            ("with two functions", "/changed", edge),
        ):
            for result in ("Miss", "Hit"):
                request = _make_request(path_asked)
                response, path = follow(PACKAGE, functools.partial(serve, cache, served, request))
                if (response.status, response.result) != (200, result):
                    sys.exit(f"expected a {result}, got {response.status} {response.result}")
                print(
                    f"{result:4} {name}: {path.modules} modules, {len(path.visits)} visits, "
                    f"{path.returns.total()} returns {dict(path.returns)}"
                )
                for module, functions in path.visits if shows_visits else ():
                    print(f"    {module}: {', '.join(functions)}")


def main() -> None:
    """Measure in the engine's Python; this one has no LocalStack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", action="store_true", help="print each visit")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        measure(shows_visits=arguments.visits)
        return
    install = [sys.executable, "-m", "thumbpipe_devkit.engine"]
    python = subprocess.run(install, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    subprocess.run([python, str(Path(__file__)), "--inside", *sys.argv[1:]], check=True)


if __name__ == "__main__":
    main()
