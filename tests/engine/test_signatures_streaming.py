"""Bodies in chunks: signed by the chunk, with trailers, or by the request's signature alone."""

import base64
import hashlib
import io
import uuid
import warnings
import zlib
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.plugin_engine import Engine
from support.signed_requests import Answer, Keys, Sent, make, s3_client, send, sign

SIGNED: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
TRAILED: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED: Final = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
EMPTY: Final = hashlib.sha256(b"").hexdigest()


@pytest.fixture(scope="module")
def bucket(verifying_engine: Engine) -> str:
    name = f"streams-{uuid.uuid4().hex[:8]}"
    verifying_engine.client("s3").create_bucket(Bucket=name)
    return name


class Signer(auth.S3SigV4Auth):
    """Signs a request whose body's hash is another text."""

    def __init__(self, payload: str, *arguments: Any) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        super().__init__(*arguments)
        self._payload = payload

    def payload(self, _request: AWSRequest) -> str:
        return self._payload


@dataclass
class Chunks:
    """Signs chunks as S3's API reference has it."""

    keys: Keys
    sent: Sent
    body: bytes = b""
    previous: str = field(init=False)

    def __post_init__(self) -> None:
        self.previous = self.sent.headers["Authorization"].rpartition("=")[2]

    def sign(self, algorithm: str, *hashes: str) -> str:
        timestamp = self.sent.headers["X-Amz-Date"]
        scope = f"{timestamp[:8]}/us-east-1/s3/aws4_request"
        text = "\n".join([f"AWS4-HMAC-SHA256-{algorithm}", timestamp, scope, self.previous, *hashes])
        signer = auth.S3SigV4Auth(Credentials(self.keys.access_key, self.keys.secret_key), "s3", "us-east-1")
        request = AWSRequest()
        request.context["timestamp"] = timestamp
        self.previous = str(signer.signature(text, request))
        return self.previous

    def add(self, content: bytes) -> None:
        signature = self.sign("PAYLOAD", EMPTY, hashlib.sha256(content).hexdigest())
        self.body += f"{len(content):x};chunk-signature={signature}\r\n".encode() + content
        self.body += b"\r\n" if content else b""

    def add_trailer(self, line: str) -> None:
        signature = self.sign("TRAILER", hashlib.sha256(f"{line}\n".encode()).hexdigest())
        self.body += f"{line}\r\nx-amz-trailer-signature:{signature}\r\n".encode()


def open_stream(engine: Engine, bucket: str, payload: str, size: int, **headers: str) -> tuple[Sent, Keys]:
    keys = Keys.of(engine)
    named = {"Content-Encoding": "aws-chunked", "x-amz-decoded-content-length": str(size), **headers}
    sent = make(engine, "PUT", f"/{bucket}/streamed").change(headers=named)
    return sign(sent, keys, "s3", signer=lambda *arguments: Signer(payload, *arguments)), keys


def upload(engine: Engine, bucket: str, *contents: bytes) -> tuple[Sent, Answer]:
    sent, keys = open_stream(engine, bucket, SIGNED, sum(map(len, contents)))
    chunks = Chunks(keys, sent)
    for content in (*contents, b""):
        chunks.add(content)
    whole = sent.change(body=chunks.body + b"\r\n")
    return whole, send(engine, whole)


def read(engine: Engine, bucket: str) -> bytes:
    content: bytes = engine.client("s3").get_object(Bucket=bucket, Key="streamed")["Body"].read()
    return content


def test_signed_chunks_are_accepted(verifying_engine: Engine, bucket: str) -> None:
    content = (b"a" * 65536, b"b" * 65536, b"c" * 100)
    assert upload(verifying_engine, bucket, *content)[1].status == 200
    assert read(verifying_engine, bucket) == b"".join(content)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"bbbb", b"bbbB", "SignatureDoesNotMatch"),
        (b"10000;", b"0ffff;", "SignatureDoesNotMatch"),
        (b";chunk-signature=", b";chunk-signatures=", "IncompleteBody"),
    ],
)
def test_no_chunk_can_be_changed(verifying_engine: Engine, bucket: str, old: bytes, new: bytes, code: str) -> None:
    sent, _ = upload(verifying_engine, bucket, b"a" * 65536, b"b" * 65536)
    before = read(verifying_engine, bucket)
    answer = send(verifying_engine, sent.change(body=sent.body.replace(old, new, 1)))
    assert answer.code == code
    assert read(verifying_engine, bucket) == before


def test_chunks_cannot_be_exchanged_or_cut_off(verifying_engine: Engine, bucket: str) -> None:
    sent, _ = upload(verifying_engine, bucket, b"a" * 65536, b"b" * 65536)
    first, second, rest = (b"10000;" + part for part in sent.body.split(b"10000;")[1:]), None, None
    pieces = list(first)
    assert (second, rest) == (None, None)
    tail = pieces[1][pieces[1].rindex(b"0;") :]
    exchanged = pieces[1][: -len(tail)] + pieces[0] + tail
    assert send(verifying_engine, sent.change(body=exchanged)).code == "SignatureDoesNotMatch"
    assert send(verifying_engine, sent.change(body=pieces[0])).code == "IncompleteBody"
    assert send(verifying_engine, sent.change(body=pieces[0] + tail)).code == "SignatureDoesNotMatch"


def test_signed_trailers_are_accepted_and_cannot_be_changed(verifying_engine: Engine, bucket: str) -> None:
    content = b"content" * 1000
    sent, keys = open_stream(
        verifying_engine, bucket, TRAILED, len(content), **{"x-amz-trailer": "x-amz-checksum-crc32"}
    )
    chunks = Chunks(keys, sent)
    chunks.add(content)
    chunks.add(b"")
    checksum = base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()
    chunks.add_trailer(f"x-amz-checksum-crc32:{checksum}")
    whole = sent.change(body=chunks.body + b"\r\n")
    assert send(verifying_engine, whole).status == 200
    assert read(verifying_engine, bucket) == content
    changed = whole.change(body=whole.body.replace(checksum.encode(), b"AAAAAA=="))
    assert send(verifying_engine, changed).code == "SignatureDoesNotMatch"
    without = whole.change(body=whole.body.partition(b"x-amz-trailer-signature")[0] + b"\r\n")
    assert send(verifying_engine, without).code == "SignatureDoesNotMatch"


def test_an_unsigned_body_wants_a_signed_request(verifying_engine: Engine, bucket: str) -> None:
    content = b"content"
    sent, _ = open_stream(verifying_engine, bucket, UNSIGNED, len(content), **{"x-amz-trailer": "x-amz-checksum-crc32"})
    checksum = base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()
    body = f"{len(content):x}\r\n".encode() + content + f"\r\n0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n".encode()
    assert send(verifying_engine, sent.change(body=body)).status == 200
    assert read(verifying_engine, bucket) == content
    assert send(verifying_engine, sent.change(body=body, target=f"/{bucket}/other")).code == "SignatureDoesNotMatch"


def test_boto3_streams_over_tls(verifying_engine: Engine, bucket: str) -> None:
    """Over TLS boto3 leaves the body unsigned, and sends its checksum behind it."""
    over_tls = replace(verifying_engine, url=verifying_engine.url.replace("http:", "https:"))
    s3 = s3_client(over_tls, verify=False)
    hashes: list[str] = []
    s3.meta.events.register(
        "before-send.s3.PutObject", lambda request, **_: hashes.append(request.headers["X-Amz-Content-SHA256"].decode())
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the certificate, which the engine made itself
        s3.put_object(Bucket=bucket, Key="streamed", Body=io.BytesIO(b"z" * 300_000))
    assert hashes == [UNSIGNED]
    assert read(verifying_engine, bucket) == b"z" * 300_000


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_boto3_uploads_with_checksums(verifying_engine: Engine, bucket: str, algorithm: str) -> None:
    s3 = verifying_engine.client("s3")
    s3.put_object(Bucket=bucket, Key="streamed", Body=io.BytesIO(b"x" * 300_000), ChecksumAlgorithm=algorithm)
    assert read(verifying_engine, bucket) == b"x" * 300_000
    parts = io.BytesIO(b"y" * 11_000_000)  # more than boto3 sends in one part
    s3.upload_fileobj(parts, bucket, "streamed", ExtraArgs={"ChecksumAlgorithm": algorithm})
    assert read(verifying_engine, bucket) == b"y" * 11_000_000
