"""A client of thumbpipe's API."""

import io
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any, Final, Self

import httpx

from thumbpipe.cli.errors import ApiError, UserError, sentence_of
from thumbpipe.cli.files import MAX_NAME_BYTES, cut_to_bytes
from thumbpipe.cli.loopback import is_loopback, mounts
from thumbpipe.cli.remote import Page, RemoteImage, ReservedUpload
from thumbpipe.cli.version import own_version

TIMEOUT_SECONDS: Final = 60.0

# The gateway throttles, and its functions may be starting: after these responses, a request is repeated.
BUSY_STATUSES: Final = frozenset({429, 502, 503, 504})
ATTEMPTS: Final = 4
FIRST_PAUSE_SECONDS: Final = 0.25


class ApiClient:
    """A client of one API, to be used in a `with` statement; threads may share it."""

    def __init__(self, url: str) -> None:
        self.url = url
        # A proxy of the environment cannot reach this machine's own loopback address.
        trust_env = not is_loopback(url)
        headers = {"User-Agent": f"thumbpipe/{own_version()}"}
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=trust_env, headers=headers, mounts=mounts())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def reserve(self, filename: str, content_type: str, size_bytes: int) -> ReservedUpload:
        """Reserve an upload.

        Raises:
            ApiError: The API rejects the request.
        """
        body = {"filename": filename, "content_type": content_type, "size_bytes": size_bytes}
        answer = self._call("POST", "/api/uploads", body=body)
        try:
            upload = answer["upload"]
            return ReservedUpload(id=answer["id"], url=upload["url"], fields=upload["fields"])
        except (KeyError, TypeError) as error:
            raise ApiError("The API's response contains no upload. Is this a thumbpipe API?") from error

    def send(self, upload: ReservedUpload, path: Path, content_type: str, on_bytes: Callable[[int], None]) -> None:
        """Send the file of a reserved upload.

        Args:
            upload: The reservation.
            path: The file.
            content_type: The reserved content type.
            on_bytes: Called with the number of bytes that have been read for sending.

        Raises:
            ApiError: The store rejects it.
        """
        with _explained(upload.url), _CountedReader(io.FileIO(path), on_bytes) as stream:
            # The catalog has the filename already; S3 does not need it, and this one needs no quoting.
            files = {"file": ("file", stream, content_type)}
            response = self._http.post(upload.url, data=dict(upload.fields), files=files)
        if response.is_error:
            reason = re.search(r"<Message>(.*?)</Message>", response.text, re.DOTALL)
            raise ApiError(f"The store refused the file: {unescape(reason[1]) if reason else _status(response)}")

    def image(self, image_id: str) -> RemoteImage:
        """Look an image up.

        Raises:
            ApiError: There is none with this id.
        """
        return RemoteImage.parse(self._call("GET", f"/api/images/{image_id}"))

    def page(self, limit: int, cursor: str | None = None) -> Page:
        """List images, newest first.

        Args:
            limit: How many at most, 1 to 100.
            cursor: The next_cursor of the previous page.
        """
        answer = self._call("GET", "/api/images", query={"limit": str(limit)} | ({"cursor": cursor} if cursor else {}))
        try:
            return Page(images=tuple(map(RemoteImage.parse, answer["items"])), next_cursor=answer["next_cursor"])
        except (KeyError, TypeError) as error:
            raise ApiError("The API's response is not a list of images. Is this a thumbpipe API?") from error

    def delete(self, image_id: str) -> None:
        """Delete an image; deleting one that does not exist succeeds."""
        self._call("DELETE", f"/api/images/{image_id}")

    def fetch(self, url: str, path: Path) -> int:
        """Fetch a file; it is written completely or not at all.

        Returns:
            Its size in bytes.

        Raises:
            ApiError: The store does not return it.
            UserError: It cannot be written.
        """
        partial = path.with_name(f".{cut_to_bytes(path.name, MAX_NAME_BYTES)}.part")
        with _explained(url):
            try:
                with self._http.stream("GET", url) as response, partial.open("wb") as stream:
                    if response.is_error:
                        raise ApiError(f"The store does not return {path.name}: {_status(response)}.")
                    for chunk in response.iter_raw():
                        stream.write(chunk)
                size = partial.stat().st_size
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
        return size

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        with _explained(self.url):
            for attempt in range(ATTEMPTS):
                response = self._http.request(method, self.url + path, json=body, params=query)
                if response.status_code not in BUSY_STATUSES or attempt + 1 == ATTEMPTS:
                    break
                time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        if response.status_code == httpx.codes.NO_CONTENT:
            return {}
        content = _json_object(response)
        if response.is_error:
            raise ApiError(_sentence(content, response))
        if content is None:
            raise ApiError(f"{self.url} answered {_status(response)}, but not with JSON. Is this a thumbpipe API?")
        return content


class _CountedReader(io.BufferedReader):
    """A file that reports how much of it has been read."""

    def __init__(self, raw: io.FileIO, on_bytes: Callable[[int], None]) -> None:
        super().__init__(raw)
        self._on_bytes = on_bytes

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(size)
        self._on_bytes(len(chunk))
        return chunk


@contextmanager
def _explained(url: str) -> Iterator[None]:
    host = httpx.URL(url).netloc.decode()
    try:
        yield
    except httpx.TimeoutException as error:
        raise ApiError(f"{host} did not answer within {TIMEOUT_SECONDS:.0f} seconds.") from error
    except httpx.ConnectError as error:
        raise ApiError(f"Nothing answers at {host} ({error}). Is the stack running, and the address right?") from error
    except httpx.HTTPError as error:
        raise ApiError(f"The connection to {host} failed ({error}).") from error
    except OSError as error:
        raise UserError(sentence_of(error)) from error


def _json_object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        content = response.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _sentence(content: Mapping[str, object] | None, response: httpx.Response) -> str:
    """Make a sentence of a problem document (RFC 9457)."""
    known = content or {}
    text = known.get("detail") or known.get("title") or known.get("message")
    if not text:
        return f"{response.url.host} answered {_status(response)}. Is this a thumbpipe API?"
    return str(text)


def _status(response: httpx.Response) -> str:
    return f"{response.status_code} {response.reason_phrase}".strip()
