"""A request's body, which is read once for its hash and again by the service."""

import tempfile
from hashlib import sha256
from typing import Any, BinaryIO, Final

_CHUNK: Final = 1 << 20
_IN_MEMORY: Final = 1 << 20


class Body:
    """The body of a WSGI request.

    Args:
        environ: The WSGI environment; an input stream that cannot be rewound is replaced by one that can.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        self._environ = environ

    def open(self) -> tuple[BinaryIO, int]:
        """Return the body stream and its current position, which callers must restore after reading."""
        stream = self._environ["wsgi.input"]
        inner: BinaryIO = getattr(stream, "_wrapped", stream)  # Twisted's, which hides that its file is seekable
        if not inner.seekable():
            spooled = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the request
            while chunk := inner.read(_CHUNK):
                spooled.write(chunk)
            spooled.seek(0)
            self._environ["wsgi.input"] = inner = spooled  # type: ignore[assignment]
        return inner, inner.tell()

    def sha256(self) -> str:
        """Return the body's SHA-256 in hexadecimal."""
        stream, position = self.open()
        digest = sha256()
        stream.seek(0)
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
        stream.seek(position)
        return digest.hexdigest()
