"""Another user of the machine who tries to access everything: a process of that user, controlled by commands.

    python -I -S stranger.py [UID GID]

One JSON object a line in, one out. All that is imported is imported before: afterwards its files may be out of reach.
"""

import base64
import encodings.idna  # noqa: F401 - the look-up of an address imports it
import errno
import http.client
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

WITHIN_S: Final = 30


def ask(  # noqa: PLR0913 - what a request consists of
    *, host: str, port: int, method: str, target: str, headers: list[list[str]], body: str
) -> dict[str, Any]:
    """Send a request as it is, and return its answer."""
    connection = http.client.HTTPConnection(host, port, timeout=WITHIN_S)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        content = base64.b64decode(body)
        if content and not any(name.lower() in {"content-length", "transfer-encoding"} for name, _ in headers):
            connection.putheader("Content-Length", str(len(content)))
        connection.endheaders(content or None)
        answer = connection.getresponse()
        read = answer.read()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return {"status": answer.status, "headers": told, "body": base64.b64encode(read).decode()}
    except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
        return {"error": "closed"}
    finally:
        connection.close()


def connect(host: str, port: int) -> dict[str, Any]:
    """Open a connection."""
    socket.create_connection((host, port), timeout=WITHIN_S).close()
    return {}


def read(path: str) -> dict[str, Any]:
    """Read a file, or list a folder."""
    place = Path(path)
    return {"size": len(os.listdir(place)) if place.is_dir() else len(place.read_bytes())}  # noqa: PTH208 - a count


def whoami() -> dict[str, Any]:
    """Return the process's user."""
    return {"ids": [os.getuid(), os.geteuid(), os.getgid(), os.getegid()], "groups": os.getgroups()}


def main() -> None:
    """Switch to the user, and execute commands."""
    if len(sys.argv) > 1:
        user, group = int(sys.argv[1]), int(sys.argv[2])
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    deeds: dict[str, Callable[..., dict[str, Any]]] = {deed.__name__: deed for deed in (ask, connect, read, whoami)}
    for line in sys.stdin:
        told = json.loads(line)
        try:
            done = deeds[told.pop("do")](**told)
        except OSError as error:
            done = {"error": errno.errorcode.get(error.errno or 0, type(error).__name__)}
        sys.stdout.write(json.dumps(done) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
