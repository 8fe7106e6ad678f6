"""Custom origins and REST APIs behind a distribution."""

import base64
import json
import socket
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from support.cloudfront_edge import (
    Edge,
    OriginServer,
    Page,
    ask,
    before_origin,
    http_origin,
    make_bucket,
    make_distribution,
    make_request_policy,
    running_origin,
)
from support.distributions import CACHING_DISABLED, make_behavior, make_custom, some
from support.plugin_engine import CreateFunction, Engine, StartEngine

ALL_METHODS: Final = some("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def origin() -> Iterator[OriginServer]:
    with running_origin() as server:
        yield server


@pytest.fixture(scope="module")
def edge(engine: Engine, origin: OriginServer) -> Edge:
    """A distribution that forwards what CloudFront forwards by itself, and caches nothing."""
    return before_origin(engine, origin, CachePolicyId=CACHING_DISABLED, AllowedMethods=ALL_METHODS)


@pytest.fixture
def path(origin: OriginServer) -> str:
    """Return a separate path for each test."""
    made = f"/{uuid.uuid4().hex}"
    origin.pages[made] = Page(b"made")
    return made


def test_an_origin_is_requested_by_its_own_name_with_cloudfronts_headers(
    edge: Edge, origin: OriginServer, path: str
) -> None:
    answer = edge.ask(path, User_Agent="test", Accept="text/x", Cookie="a=1", X_Own="own", X_Forwarded_For="192.0.2.7")

    asked = origin.asked[-1]
    assert answer.body == b"made"
    assert asked.headers["Host"] == f"localhost:{origin.port}"
    assert asked.headers["User-Agent"] == "Amazon CloudFront"
    assert asked.headers["X-Amz-Cf-Id"] == answer.headers["X-Amz-Cf-Id"]
    assert asked.headers["X-Forwarded-For"] == "192.0.2.7, 127.0.0.1"
    assert asked.headers["Via"].endswith(".cloudfront.localhost (CloudFront)")
    assert not {"accept", "cookie", "x-own", "accept-encoding"} & {name.lower() for name in asked.headers}


@pytest.mark.parametrize(
    "target", ["/a/../b", "/a//b", "/%41", "/a%20b", "/a+b", "/%2E%2e/x", "/a;b=c|\\^", "/~a/%C3%A9", "/%252e%252e/x"]
)
def test_an_origin_gets_the_path_as_sent(edge: Edge, origin: OriginServer, target: str) -> None:
    edge.ask(target)

    assert origin.asked[-1].target == target


def test_by_default_no_query_is_forwarded_to_an_origin(edge: Edge, origin: OriginServer, path: str) -> None:
    edge.ask(f"{path}?a=1")

    assert origin.asked[-1].target == path


def test_an_origin_request_policy_determines_what_is_forwarded(engine: Engine, origin: OriginServer, path: str) -> None:
    policy = make_request_policy(engine, headers=["X-Own", "CloudFront-Viewer-Country"], cookies=["a"], queries=["v"])
    edge = before_origin(engine, origin, CachePolicyId=CACHING_DISABLED, OriginRequestPolicyId=policy)

    edge.ask(
        f"{path}?v=1&w=2&v=3",
        X_Own="own",
        X_Other="other",
        Cookie="a=1; b=2",
        CloudFront_Viewer_Country="NL",
        CloudFront_Is_Mobile_Viewer="true",
    )

    asked = origin.asked[-1]
    assert asked.target == f"{path}?v=1&v=3"
    assert asked.headers["X-Own"] == "own"
    assert asked.headers["Cookie"] == "a=1"
    assert asked.headers["CloudFront-Viewer-Country"] == "NL"
    assert not {"x-other", "cloudfront-is-mobile-viewer"} & {name.lower() for name in asked.headers}


def test_everything_from_the_viewer_is_forwarded_if_the_policy_says_so(
    engine: Engine, origin: OriginServer, path: str
) -> None:
    policy = make_request_policy(engine, headers="allViewer", cookies="all", queries="all")
    edge = before_origin(engine, origin, CachePolicyId=CACHING_DISABLED, OriginRequestPolicyId=policy)

    edge.ask(f"{path}?a=1&b", User_Agent="test", Accept="x/y", Cookie="a=1; b=2", Authorization="Basic eA==")

    asked = origin.asked[-1]
    assert asked.target == f"{path}?a=1&b"
    assert asked.headers["Host"] == edge.host
    assert asked.headers["User-Agent"] == "test"
    assert asked.headers["Accept"] == "x/y"
    assert asked.headers["Cookie"] == "a=1; b=2"
    assert asked.headers["Authorization"] == "Basic eA=="


def test_headers_about_one_connection_stay_there(engine: Engine, origin: OriginServer, path: str) -> None:
    policy = make_request_policy(engine, headers="allViewer")
    edge = before_origin(engine, origin, CachePolicyId=CACHING_DISABLED, OriginRequestPolicyId=policy)
    origin.pages[path] = Page(headers={"Keep-Alive": "timeout=9", "Connection": "X-Gone", "X-Gone": "1", "X-Kept": "1"})

    answer = edge.ask(path, Connection="X-Secret", X_Secret="1", TE="trailers", Proxy_Authorization="x", X_Kept="1")  # noqa: S106 - a header

    asked = {name.lower() for name in origin.asked[-1].headers}
    assert not {"x-secret", "te", "proxy-authorization"} & asked
    assert "x-kept" in asked
    assert not {"keep-alive", "x-gone"} & {name.lower() for name in answer.headers}
    assert answer.headers["X-Kept"] == "1"


def test_an_origins_custom_header_replaces_the_viewers(engine: Engine, origin: OriginServer, path: str) -> None:
    headers = some({"HeaderName": "X-Key", "HeaderValue": "ours"})
    policy = make_request_policy(engine, headers="allViewer")
    behavior = make_behavior(CachePolicyId=CACHING_DISABLED, OriginRequestPolicyId=policy)
    origins = some(http_origin(origin, CustomHeaders=headers))
    edge = make_distribution(engine, Origins=origins, DefaultCacheBehavior=behavior)

    edge.ask(path, x_key="theirs")

    assert origin.asked[-1].headers.get_all("X-Key") == ["ours"]


def test_a_body_is_sent_to_the_origin_and_its_response_is_returned(edge: Edge, origin: OriginServer, path: str) -> None:
    origin.pages[path] = Page(b'{"made":1}', 201, {"Content-Type": "application/json", "Location": "/made/1"})

    answer = edge.ask(path, "POST", b'{"x": 1}', Content_Type="application/json")

    asked = origin.asked[-1]
    assert (asked.method, asked.body, asked.headers["Content-Type"]) == ("POST", b'{"x": 1}', "application/json")
    assert (answer.status, answer.body, answer.headers["Location"]) == (201, b'{"made":1}', "/made/1")


def test_cookies_come_back_only_where_cookies_go_on(
    engine: Engine, origin: OriginServer, edge: Edge, path: str
) -> None:
    policy = make_request_policy(engine, cookies="all")
    with_cookies = before_origin(engine, origin, CachePolicyId=CACHING_DISABLED, OriginRequestPolicyId=policy)
    origin.pages[path] = Page(headers={"Set-Cookie": "a=1"})

    assert "Set-Cookie" not in edge.ask(path).headers
    assert with_cookies.ask(path).headers["Set-Cookie"] == "a=1"


def test_an_origin_that_refuses_connections_is_a_502(engine: Engine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    connection = {"HTTPPort": port, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"}
    edge = make_distribution(engine, Origins=some(make_custom(DomainName="localhost", CustomOriginConfig=connection)))

    answer = edge.ask("/x")

    assert answer.status == 502
    assert answer.cache == "Error"
    assert b"CloudFront wasn't able to connect to the origin." in answer.body
    assert b"Generated by cloudfront (CloudFront)" in answer.body
    assert answer.headers["X-Amz-Cf-Id"].encode() in answer.body


def test_an_origin_that_has_no_address_is_a_502(engine: Engine) -> None:
    edge = make_distribution(engine, Origins=some(make_custom(DomainName="nowhere.invalid")))

    answer = edge.ask("/x")

    assert answer.status == 502
    assert b"CloudFront wasn't able to resolve the origin domain name." in answer.body


def test_an_origin_that_is_silent_is_a_504(engine: Engine, origin: OriginServer, path: str) -> None:
    origins = some(http_origin(origin, connection={"OriginReadTimeout": 1}, ConnectionAttempts=1))
    edge = make_distribution(engine, Origins=origins)
    origin.pages[path] = Page(delay=2)
    begin = time.monotonic()

    answer = edge.ask(path)

    assert answer.status == 504
    assert 0.9 < time.monotonic() - begin < 1.9


@pytest.mark.parametrize(
    ("method", "attempts", "times"), [("GET", 2, 2), ("HEAD", 3, 3), ("GET", 1, 1), ("OPTIONS", 3, 1), ("POST", 3, 1)]
)
def test_a_silent_origin_is_asked_as_often_as_the_distribution_says(
    engine: Engine, origin: OriginServer, method: str, attempts: int, times: int
) -> None:
    path = f"/{uuid.uuid4().hex}"
    origins = some(http_origin(origin, connection={"OriginReadTimeout": 1}, ConnectionAttempts=attempts))
    behavior = make_behavior(CachePolicyId=CACHING_DISABLED, AllowedMethods=ALL_METHODS)
    edge = make_distribution(engine, Origins=origins, DefaultCacheBehavior=behavior)
    origin.pages[path] = Page(delay=1.5)

    answer = edge.ask(path, method, b"{}" if method == "POST" else None)

    assert answer.status == 504
    assert origin.count(path) == times


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"])
def test_an_origin_that_breaks_off_is_a_502(engine: Engine, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        connection = {"HTTPPort": server.getsockname()[1], "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"}
        origins = some(make_custom(DomainName="localhost", CustomOriginConfig=connection, ConnectionAttempts=1))
        edge = make_distribution(engine, Origins=origins)
        with socket.create_connection(("127.0.0.1", int(edge.engine.url.rpartition(":")[2])), timeout=20) as viewer:
            viewer.sendall(f"GET /x HTTP/1.1\r\nHost: {edge.host}\r\nConnection: close\r\n\r\n".encode())
            accepted, _ = server.accept()
            with accepted:
                accepted.recv(10_000)
                accepted.sendall(answer)
            got = b"".join(iter(lambda: viewer.recv(10_000), b""))

    assert got.startswith(b"HTTP/1.1 502 ")


def test_the_second_origin_of_a_group_answers_where_the_first_one_fails(
    engine: Engine, origin: OriginServer, path: str
) -> None:
    with running_origin() as broken:
        broken.pages[path] = Page(b"broken", 503)
        group = {
            "Id": "group",
            "FailoverCriteria": {"StatusCodes": some(503)},
            "Members": some({"OriginId": "first"}, {"OriginId": "second"}),
        }
        edge = make_distribution(
            engine,
            Origins=some(http_origin(broken, Id="first"), http_origin(origin, Id="second")),
            OriginGroups=some(group),
            DefaultCacheBehavior=make_behavior(TargetOriginId="group", CachePolicyId=CACHING_DISABLED),
        )
        answer = edge.ask(path)
        missing = edge.ask("/missing")

    assert (answer.status, answer.body) == (200, b"made")
    assert missing.status == 404
    assert origin.count("/missing") == 0


def _write_certificate(folder: Path) -> Path:
    """Write a certificate for `localhost` and its key into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path


def test_an_origin_is_requested_by_https_if_its_certificate_is_trusted(
    engine: Engine, start_engine: StartEngine, tmp_path: Path
) -> None:
    certificate = _write_certificate(tmp_path)
    trusting = start_engine(SSL_CERT_FILE=str(certificate))
    with running_origin(certificate) as secure:
        secure.pages["/x"] = Page(b"secure")
        connection = {"HTTPSPort": secure.port, "HTTPPort": 80}
        for protocol in ("https-only", "match-viewer"):
            origins = some(http_origin(secure, connection=connection | {"OriginProtocolPolicy": protocol}))
            assert make_distribution(trusting, Origins=origins).ask("/x").body == b"secure"
        refused = make_distribution(engine, Origins=origins).ask("/x")

    assert refused.status == 502


@pytest.fixture(scope="module")
def rest_api(engine: Engine, origin: OriginServer) -> str:
    """A REST API that returns its path and parameters, and forwards bodies to the origin server."""
    client = engine.client("apigateway")
    api = client.create_rest_api(name=f"edge-{uuid.uuid4().hex}")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    resource = client.create_resource(restApiId=api, parentId=root, pathPart="{proxy+}")["id"]
    method = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE")
    client.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_method_response(**method, statusCode="200")
    template = """{"path": "$context.path", "own": "$input.params('X-Own')", "query": "$input.params('q')"}"""
    client.put_integration_response(**method, statusCode="200", responseTemplates={"application/json": template})
    method["httpMethod"] = "POST"
    client.put_method(**method, authorizationType="NONE")
    uri = f"http://localhost:{origin.port}/posted"
    client.put_integration(**method, type="HTTP_PROXY", integrationHttpMethod="POST", uri=uri)
    client.create_deployment(restApiId=api, stageName="live")
    origin.pages["/posted"] = Page(b"taken", 202)
    return str(api)


def test_a_rest_api_is_called_at_its_stage(engine: Engine, origin: OriginServer, rest_api: str) -> None:
    domain = f"{rest_api}.execute-api.us-east-1.amazonaws.com"
    api = make_custom(
        DomainName=domain,
        OriginPath="/live",
        CustomHeaders=some({"HeaderName": "X-Own", "HeaderValue": "edge"}),
    )
    policy = make_request_policy(engine, queries="all")
    behavior = make_behavior(CachePolicyId=CACHING_DISABLED, OriginRequestPolicyId=policy, AllowedMethods=ALL_METHODS)
    edge = make_distribution(engine, Origins=some(api), DefaultCacheBehavior=behavior)

    answer = edge.ask("/api/images?q=1")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    told = json.loads(answer.body)
    assert told["path"] == "/live/api/images"
    assert (told["own"], told["query"]) == ("edge", "1")
    posted = edge.ask("/api/images", "POST", b'{"a": "b"}', Content_Type="application/json")
    assert (posted.status, posted.body) == (202, b"taken")
    assert origin.asked[-1].body == b'{"a": "b"}'
    assert edge.ask("/api/images", "PUT", b"{}").status == 403, "API Gateway knows no such method there"


@pytest.mark.parametrize("form", ["s3-website-us-east-1.amazonaws.com", "s3-website.localhost.localstack.cloud"])
def test_a_website_of_a_bucket_is_an_origin(engine: Engine, form: str) -> None:
    pages = {"index.html": b"front", "a/index.html": b"below", "photo.jpg": b"photo", "error.html": b"sorry"}
    bucket, s3 = make_bucket(engine, pages), engine.client("s3")
    documents = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}}
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=documents)
    policy = make_request_policy(engine, headers="allViewer", queries="all")
    behavior = make_behavior(CachePolicyId=CACHING_DISABLED, OriginRequestPolicyId=policy, AllowedMethods=ALL_METHODS)
    website = make_custom(DomainName=f"{bucket}.{form}")
    edge = make_distribution(engine, Origins=some(website), DefaultCacheBehavior=behavior)

    found = {path: edge.ask(path, Origin="https://elsewhere.example") for path in ("/", "/a/", "/photo.jpg", "/none")}
    head = edge.ask("/photo.jpg", "HEAD")

    assert {path: (answer.status, answer.body) for path, answer in found.items()} == {
        "/": (200, b"front"),
        "/a/": (200, b"below"),
        "/photo.jpg": (200, b"photo"),
        "/none": (404, b"sorry"),
    }
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "5")
    assert edge.ask("/photo.jpg", "PUT", b"other").status == 405
    assert "Access-Control-Allow-Origin" not in found["/"].headers
    assert edge.ask("/a").headers["Location"] == "/a/"


@pytest.mark.parametrize("form", ["on.aws", "localhost.localstack.cloud"])
def test_a_function_url_is_an_origin(engine: Engine, create_function: CreateFunction, form: str) -> None:
    code = "import json\ndef handler(event, context): return {'statusCode': 201, 'body': json.dumps(event)}"
    function = create_function(code)
    made = function.lambda_client.create_function_url_config(FunctionName=function.name, AuthType="NONE")
    name = urlsplit(made["FunctionUrl"]).netloc.partition(".lambda-url.")[0]
    policy = make_request_policy(engine, headers="allViewer", queries="all", cookies="all")
    behavior = make_behavior(CachePolicyId=CACHING_DISABLED, OriginRequestPolicyId=policy, AllowedMethods=ALL_METHODS)
    url = make_custom(DomainName=f"{name}.lambda-url.us-east-1.{form}", OriginPath="/base")
    edge = make_distribution(engine, Origins=some(url), DefaultCacheBehavior=behavior)

    answer = edge.ask("/a/b?c=d", "POST", b'{"e": 1}', Content_Type="application/json", Origin="https://x.example")

    event = json.loads(answer.body)
    assert answer.status == 201
    assert (event["rawPath"], event["rawQueryString"], event["body"]) == ("/base/a/b", "c=d", '{"e": 1}')
    assert event["requestContext"]["http"]["method"] == "POST"
    assert event["requestContext"]["domainName"].startswith(f"{name}.lambda-url.us-east-1.")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert edge.ask("/", "OPTIONS", Origin="https://x.example").status == 201


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=b",
        'multipart/form-data; boundary="b"',
        "multipart/form-data; charset=utf-8; boundary=b",
        "multipart/form-data",
        "multipart/form-data; boundary=",
    ],
)
def test_a_form_reaches_a_function_with_the_boundary_of_its_header(
    engine: Engine, create_function: CreateFunction, content_type: str
) -> None:
    function = create_function("import json\ndef handler(event, context): return {'body': json.dumps(event)}")
    made = function.lambda_client.create_function_url_config(FunctionName=function.name, AuthType="NONE")
    form = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue\r\n--b--\r\n'
    name = urlsplit(made["FunctionUrl"]).netloc.partition(".lambda-url.")[0]
    host = f"{name}.lambda-url.us-east-1.localhost.localstack.cloud:{urlsplit(engine.url).port}"

    answer = ask(engine.url, "/", "POST", form, {"Host": host, "Content-Type": content_type})

    assert answer.status == 200
    event = json.loads(answer.body)
    body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event.get("body", "").encode()
    assert b"--b\r\n" in body
    assert b"value" in body


@pytest.mark.parametrize(
    ("domain", "status"),
    [
        ("nobodys-bucket-1.s3-website-us-east-1.amazonaws.com", 404),
        ("nobodys.lambda-url.us-east-1.on.aws", 403),
        ("nobodys.execute-api.us-east-1.amazonaws.com", 404),
        ("my.lb.us-east-1.elb.amazonaws.com", 502),
    ],
)
def test_what_is_not_there_at_a_host_name_of_awss_is_looked_for_nowhere_else(
    engine: Engine, domain: str, status: int
) -> None:
    edge = make_distribution(engine, Origins=some(make_custom(DomainName=domain)))

    assert edge.ask("/x").status == status
