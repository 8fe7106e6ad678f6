"""Find the API."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import platformdirs

from thumbpipe.cli.errors import UserError

# The command that the end-to-end tests' stacks are registered under; they are ignored.
TESTS: Final = "e2e"
# A LocalStack that does not check signatures accepts any key.
ANY_KEY: Final = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningStack:
    """A demo or a stack that runs on this machine, as its file describes it."""

    api_url: str
    pid: int
    started_at: float
    endpoint_url: str | None = None
    access_key_id: str = ANY_KEY
    secret_access_key: str = field(default=ANY_KEY, repr=False)
    region: str | None = None
    queue_url: str | None = None
    dead_letter_queue_url: str | None = None


def find_api(option: str | None) -> str:
    """Find the API's URL.

    Args:
        option: What was given with `--api` or THUMBPIPE_API.

    Raises:
        UserError: None was given and no stack is running, or it is not a URL.
    """
    if not option:
        stack = running_stack()
        if stack is None:
            raise UserError(
                "No API is known. Pass --api URL, set THUMBPIPE_API, or start a stack on this machine (nox -s demo)."
            )
        return stack.api_url
    if not _is_address(option):
        raise UserError(f"{option} is not the URL of an API, such as https://photos.example.com.")
    return option.rstrip("/")


def _is_address(text: str) -> bool:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    return url.scheme in {"http", "https"} and bool(url.host)


def running_stack() -> RunningStack | None:
    """Find the running stack that was started last."""
    folder = Path(os.environ.get("THUMBPIPE_CACHE") or platformdirs.user_cache_path("thumbpipe")) / "running"
    stacks = [stack for stack in map(_read, folder.glob("*.json")) if stack and _lives(stack.pid)]
    return max(stacks, key=lambda stack: stack.started_at, default=None)


def _read(path: Path) -> RunningStack | None:
    """Read a stack's file; None if it is incomplete, was just removed, or is a test's."""
    try:
        content = json.loads(path.read_text())
        if content.get("command") == TESTS:
            return None
        return RunningStack(
            api_url=str(content["api_url"]).rstrip("/"),
            pid=int(content["pid"]),
            started_at=float(content["started_at"]),
            endpoint_url=content.get("endpoint_url"),
            access_key_id=content.get("access_key_id") or ANY_KEY,
            secret_access_key=content.get("secret_access_key") or ANY_KEY,
            region=content.get("region"),
            queue_url=content.get("queue_url"),
            dead_letter_queue_url=content.get("dead_letter_queue_url"),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True  # It runs, as another user.
    except (OSError, OverflowError):
        return False
    return True
