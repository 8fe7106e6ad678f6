"""`thumbpipe upload`."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.filesize import decimal

from thumbpipe.cli.api import ApiClient
from thumbpipe.cli.errors import UserError, explained, sentence_of
from thumbpipe.cli.files import content_type_of, find_photos
from thumbpipe.cli.location import find_api
from thumbpipe.cli.options import ApiOption, JobsOption, JsonOption, check_paths
from thumbpipe.cli.output import byte_progress, print_json, print_table
from thumbpipe.cli.parallel import map_in_order
from thumbpipe.cli.remote import RemoteImage

FIRST_PAUSE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """Result of uploading one file.

    Attributes:
        path: The file.
        elapsed_ms: From the request for the upload to its end: ready, failed or sent.
        image_id: None if the upload was not reserved.
        image: The image as it was last seen; None if it was not requested.
        error: A sentence; None if there was no error.
        size_bytes: Its size when it was sent; None if it could not be read.
    """

    path: Path
    elapsed_ms: float
    image_id: str | None = None
    image: RemoteImage | None = None
    error: str | None = None
    size_bytes: int | None = None

    @property
    def state(self) -> str:
        """What the table shows."""
        if self.error:
            return "failed"
        return self.image.state if self.image else "sent"

    def to_json(self) -> dict[str, object]:
        """One line of `--json`."""
        return {
            "file": str(self.path),
            "ok": self.error is None,
            "id": self.image_id,
            "state": self.state,
            "elapsed_ms": self.elapsed_ms,
            "error": self.error,
            "image": dict(self.image.content) if self.image else None,
        }


@explained
def upload(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE|FOLDER...", callback=check_paths, help="Photos, and folders with photos at any depth."
        ),
    ],
    *,
    api: ApiOption = None,
    jobs: JobsOption = 4,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the thumbnails are made.")] = True,
    timeout: Annotated[float, typer.Option(min=1, metavar="SECONDS", help="How long to wait for each photo.")] = 300,
    as_json: JsonOption = False,
) -> None:
    """Send photos and wait for their thumbnails. Ends with status 1 if one failed."""
    photos = [path for path, _ in find_photos(paths)]
    with ApiClient(find_api(api)) as client, byte_progress() as progress:
        task = progress.add_task("Uploading", total=sum(_size_of(photo) or 0 for photo in photos))

        def send(path: Path) -> Uploaded:
            return upload_file(client, path, timeout if wait else None, lambda count: progress.advance(task, count))

        done = list(map_in_order(send, photos, jobs))
    _show(done, as_json=as_json)
    if any(one.error for one in done):
        raise typer.Exit(1)


def upload_file(client: ApiClient, path: Path, wait_seconds: float | None, on_bytes: Callable[[int], None]) -> Uploaded:
    """Send one file.

    Args:
        client: The API.
        path: The file.
        wait_seconds: How long to wait for its thumbnails; None for not at all.
        on_bytes: Called with the number of bytes that were read for sending.
    """
    started = time.monotonic()
    image_id, image, message, size = None, None, None, None
    try:
        content_type = content_type_of(path)
        # A name that is not valid Unicode has to become text in JSON.
        name = path.name.encode(errors="replace").decode()
        size = path.stat().st_size
        reserved = client.reserve(name, content_type, size)
        image_id = reserved.id
        client.send(reserved, path, content_type, on_bytes)
        if wait_seconds is not None:
            image = wait_until_done(client, image_id, wait_seconds)
            message = image.error
    except UserError as error:
        message = str(error)
    except OSError as error:
        message = sentence_of(error)
    return Uploaded(
        path=path,
        elapsed_ms=round((time.monotonic() - started) * 1000, 1),
        image_id=image_id,
        image=image,
        error=message,
        size_bytes=size,
    )


def _size_of(path: Path) -> int | None:
    """Return a file's size; None if it cannot be read, since photos may be moved while others are sent."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def wait_until_done(client: ApiClient, image_id: str, wait_seconds: float) -> RemoteImage:
    """Poll an image until it is ready or failed.

    Raises:
        UserError: It is still pending when the time is over.
    """
    deadline, pause = time.monotonic() + wait_seconds, FIRST_PAUSE_SECONDS
    while (image := client.image(image_id)).state == "pending":
        if time.monotonic() + pause > deadline:
            raise UserError(f"Still pending after {wait_seconds:.0f} seconds; see `thumbpipe show {image_id}`.")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
    return image


def _show(done: list[Uploaded], *, as_json: bool) -> None:
    if as_json:
        for one in done:
            print_json(one.to_json())
        return
    print_table(("File", "Size", "State", "Id", "Renditions", "Seconds", "Error"), map(_row, done))


def _row(one: Uploaded) -> tuple[object, ...]:
    size = None if one.size_bytes is None else decimal(one.size_bytes)
    renditions = len(one.image.renditions) if one.image else None
    return one.path, size, one.state, one.image_id, renditions, f"{one.elapsed_ms / 1000:.1f}", one.error
