"""Bodies in signed chunks: the examples of S3's API reference, and modifications of them."""

from typing import Final

import pytest

from support.signature_examples import DATE, KEY, NOW, authorization, body, receive
from thumbpipe_localstack.signatures.header import read_header
from thumbpipe_localstack.signatures.received import Received
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.streaming import check_chunks
from thumbpipe_localstack.signatures.verify import verify

FIRST: Final = b"a" * 65536
SECOND: Final = b"a" * 1024
SIGNED: Final = (
    b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + FIRST + b"\r\n"
    b"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + SECOND + b"\r\n"
    b"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
)
WITHOUT_SECOND: Final = SIGNED.partition(b"400;")[0] + b"0;" + SIGNED.rpartition(b"0;")[2]
TRAILED: Final = (
    b"10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n" + FIRST + b"\r\n"
    b"400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n" + SECOND + b"\r\n"
    b"0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
    b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
    b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
)


def of_chunks(size: str = "66560") -> Received:
    signed = (
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
        "x-amz-storage-class"
    )
    return receive(
        "PUT",
        "/examplebucket/chunkObject.txt",
        ("Host", "s3.amazonaws.com"),
        DATE,
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        authorization("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", signed),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("Content-Encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", size),
        ("Content-Length", "66824"),
    )


def of_trailer() -> Received:
    signed = (
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;"
        "x-amz-trailer"
    )
    return receive(
        "PUT",
        "/examplebucket/chunkObject.txt",
        ("Host", "s3.amazonaws.com"),
        DATE,
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        authorization("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e", signed),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        ("Content-Encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("x-amz-trailer", "x-amz-checksum-crc32c"),
    )


@pytest.mark.parametrize(("received", "content"), [(of_chunks(), SIGNED), (of_trailer(), TRAILED)])
def test_the_examples_are_true_and_are_read_again_afterwards(received: Received, content: bytes) -> None:
    sent = body(content)
    verify(received, read_header(received), KEY, sent, NOW)
    stream, position = sent.open()
    assert (position, stream.read()) == (0, content)


@pytest.mark.parametrize(
    ("received", "content", "reason"),
    [
        (of_chunks(), SIGNED.replace(b"aaaa", b"aaab", 1), Reason.MISMATCH),
        (of_chunks(), SIGNED.replace(b"400;", b"3ff;", 1), Reason.MISMATCH),
        (of_chunks(), SIGNED.replace(b"=ad80", b"=bd80", 1), Reason.MISMATCH),
        (of_chunks(), SIGNED.replace(b"=b6c6", b"=c6c6", 1), Reason.MISMATCH),
        (of_chunks(), TRAILED, Reason.MISMATCH),
        (of_chunks(), WITHOUT_SECOND, Reason.MISMATCH),
        (of_chunks(), SIGNED.rpartition(b"0;")[0], Reason.WRONG_BODY),
        (of_chunks(), SIGNED[:5000], Reason.WRONG_BODY),
        (of_chunks(), b"", Reason.WRONG_BODY),
        (of_chunks(), FIRST, Reason.WRONG_BODY),
        (of_chunks(), SIGNED.replace(b";chunk-signature=ad80", b";other=ad80", 1), Reason.WRONG_BODY),
        (of_trailer(), TRAILED.replace(b"sOO8", b"tOO8"), Reason.MISMATCH),
        (of_trailer(), TRAILED.replace(b"trailer-signature:d", b"trailer-signature:e"), Reason.MISMATCH),
        (of_trailer(), TRAILED.partition(b"x-amz-trailer-signature")[0] + b"\r\n", Reason.MISMATCH),
    ],
)
def test_a_changed_missing_or_truncated_chunk_is_refused(received: Received, content: bytes, reason: Reason) -> None:
    with pytest.raises(RefusedError) as refused:
        verify(received, read_header(received), KEY, body(content), NOW)
    assert refused.value.reason is reason


@pytest.mark.parametrize("size", ["", "-1", "x", "1.5", "9" * 5000, "٣"])
def test_a_chunked_body_requires_its_decoded_length(size: str) -> None:
    with pytest.raises(RefusedError, match="x-amz-decoded-content-length") as refused:
        check_chunks(of_chunks(size), read_header(of_chunks(size)), KEY, body(SIGNED))
    assert (refused.value.code, refused.value.status) == ("MissingContentLength", 411)


def test_the_announced_size_is_signed() -> None:
    received = of_chunks("66561")
    with pytest.raises(RefusedError) as refused:
        verify(received, read_header(received), KEY, body(SIGNED), NOW)
    assert refused.value.reason is Reason.MISMATCH
