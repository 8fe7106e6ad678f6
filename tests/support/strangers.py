"""Requests of a stranger, who has no key: calls to AWS, unsigned or with invented keys, and their senders."""

import base64
import json
import os
import pwd
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
from botocore import UNSIGNED
from botocore.config import Config

_PROGRAM: Final = Path(__file__).with_name("stranger.py")

REFUSALS: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""AWS's error codes for an unknown or unauthorized caller."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request, to be sent as it is."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def all_headers(self) -> list[tuple[str, str]]:
        """The headers, and a Host if none is among them."""
        has_host = any(name.lower() == "host" for name, _ in self.headers)
        return [*([] if has_host else [("Host", urlsplit(self.url).netloc)]), *self.headers]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The response: a status with a body, or the reason why there is none."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str = ""

    @property
    def code(self) -> str:
        """AWS's code of an error."""
        text = self.body.decode(errors="replace")
        found = re.search(r"<Code>(\w+)</Code>|\"__type\": ?\"(?:[^\"]*#)?(\w+)\"", text)
        # SQS uses JSON, but still has the codes of the query protocol.
        older = self.headers.get("x-amzn-query-error", "").partition(";")[0]
        told = older or self.headers.get("x-amzn-errortype", "").partition(":")[0]
        return told or (next(filter(None, found.groups())) if found else "")

    @property
    def is_refusal(self) -> bool:
        """Whether the caller was refused as unknown or unauthorized."""
        # A response to HEAD has no body with an error code.
        return self.status in {400, 401, 403} and (self.code in REFUSALS or (self.status == 403 and not self.body))


class Stranger:
    """A process of another user, or, if switching users is not permitted, of this user without any keys.

    Attributes:
        is_nobody: Whether it runs as another user.
    """

    def __init__(self, process: "subprocess.Popen[str]", *, is_nobody: bool) -> None:
        self._process = process
        self.is_nobody = is_nobody

    def ask(self, request: Request) -> Answer:
        """Send a request to the address in its URL."""
        parts = urlsplit(request.url)
        target = parts.path or "/"
        done = self._do(
            "ask",
            host="127.0.0.1" if (parts.hostname or "").endswith("localhost") else parts.hostname,
            port=parts.port,
            method=request.method,
            target=f"{target}?{parts.query}" if parts.query else target,
            headers=request.all_headers,
            body=base64.b64encode(request.body).decode(),
        )
        return Answer(**{**done, "body": base64.b64decode(done.get("body", ""))})

    def connect(self, host: str, port: int) -> str:
        """Open a connection; return the error's name, or nothing on success."""
        return str(self._do("connect", host=host, port=port).get("error", ""))

    def read(self, path: Path) -> str:
        """Read a file or list a folder; return the error's name, or nothing on success."""
        return str(self._do("read", path=str(path)).get("error", ""))

    def _do(self, deed: str, **arguments: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": deed, **arguments}) + "\n")
        self._process.stdin.flush()
        done: dict[str, Any] = json.loads(self._process.stdout.readline())
        return done

    @classmethod
    @contextmanager
    def start(cls) -> Iterator["Stranger"]:
        """Start the process, and end it."""
        is_nobody = os.geteuid() == 0
        user = pwd.getpwnam("nobody") if is_nobody else None
        command = [sys.executable, "-I", "-S", str(_PROGRAM), *([str(user.pw_uid), str(user.pw_gid)] if user else [])]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            stranger = cls(process, is_nobody=is_nobody)
            if user is not None:
                ids = [user.pw_uid, user.pw_uid, user.pw_gid, user.pw_gid]
                assert stranger._do("whoami") == {"ids": ids, "groups": []}
            yield stranger
            assert process.stdin is not None
            process.stdin.close()


@dataclass(frozen=True, kw_only=True)
class Signing:
    """How a stranger signs: with a key's id, its secret and perhaps a token, or not at all."""

    access_key_id: str = ""
    secret_access_key: str = field(default="", repr=False)
    token: str | None = None


def signings(root_key_id: str) -> dict[str, Signing]:
    """Return the ways of signing without an issued key."""
    secret = secrets.token_urlsafe(30)
    return {
        "unsigned": Signing(),
        "invented": Signing(access_key_id="AKIA" + "I" * 16, secret_access_key=secret),
        "of LocalStack's manual": Signing(access_key_id="test", secret_access_key="test"),  # noqa: S106 - an invented key
        "of an account's number": Signing(access_key_id="000000000000", secret_access_key="test"),  # noqa: S106
        "of LocalStack's own calls": Signing(
            access_key_id="__internal_call__",
            secret_access_key="__internal_call__",  # noqa: S106
        ),
        "the root's with another secret": Signing(access_key_id=root_key_id, secret_access_key=secret),
        "temporary": Signing(access_key_id="ASIA" + "Q" * 16, secret_access_key=secret, token="A" * 100),
    }


class _Captured(Exception):  # noqa: N818 - no error
    def __init__(self, request: Any) -> None:  # noqa: ANN401 - botocore's
        super().__init__()
        self.request = request


def client(service: str, endpoint_url: str, signing: Signing) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """A client that signs in this way."""
    unsigned = Config(signature_version=UNSIGNED) if not signing.access_key_id else None
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=signing.access_key_id or None,
        aws_secret_access_key=signing.secret_access_key or None,
        aws_session_token=signing.token,
        config=unsigned,
    )


def request_of(called: Any, call: Callable[[Any], object]) -> Request:  # noqa: ANN401 - a boto3 client
    """The request that a call would send; it is not sent."""

    def capture(request: Any, **_: object) -> None:  # noqa: ANN401
        raise _Captured(request)

    called.meta.events.register("before-send.*", capture, unique_id="capture")
    try:
        call(called)
    except _Captured as error:
        request = error.request
    finally:
        called.meta.events.unregister("before-send.*", capture, unique_id="capture")
    body = request.body or b""
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else body.read()
    headers = tuple(
        (name, value.decode() if isinstance(value, bytes) else str(value)) for name, value in request.headers.items()
    )
    return Request(method=request.method, url=request.url, headers=headers, body=content)


def form(url: str, fields: Mapping[str, str], content: bytes) -> Request:
    """A POST as a browser sends one."""
    boundary = "----stranger"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="blob"\r\n\r\n'.encode()
    body = b"".join([*parts, file, content, f"\r\n--{boundary}--\r\n".encode()])
    return Request(
        method="POST", url=url, headers=(("Content-Type", f"multipart/form-data; boundary={boundary}"),), body=body
    )
