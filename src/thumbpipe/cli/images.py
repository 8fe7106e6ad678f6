"""`thumbpipe list`, `show` and `delete`."""

from collections.abc import Iterator
from typing import Annotated, Final

import typer
from rich.filesize import decimal

from thumbpipe.cli.api import ApiClient
from thumbpipe.cli.errors import UserError, explained
from thumbpipe.cli.location import find_api
from thumbpipe.cli.options import ApiOption, IdsArgument, JsonOption, check_id
from thumbpipe.cli.output import print_json, print_table, warn
from thumbpipe.cli.remote import RemoteImage

LARGEST_PAGE: Final = 100
DEFAULT_LIMIT: Final = 30


@explained
def list_images(
    *,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="How many at most.")] = DEFAULT_LIMIT,
    all_images: Annotated[bool, typer.Option("--all", help="All of them, whatever the limit.")] = False,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """List images, newest first; with --json one line per image."""
    with ApiClient(find_api(api)) as client:
        images = walk(client, None if all_images else limit)
        if as_json:
            for image in images:
                print_json(image.content)
            return
        rows = [(image.id, image.state, image.filename, _size(image), _pixels(image), _day(image)) for image in images]
    print_table(("Id", "State", "File", "Size", "Pixels", "Uploaded"), rows)


def walk(client: ApiClient, limit: int | None) -> Iterator[RemoteImage]:
    """List images page by page.

    Args:
        client: The API.
        limit: How many images at most; None for all.
    """
    left, cursor = limit, None
    while left is None or left > 0:
        page = client.page(LARGEST_PAGE if left is None else min(left, LARGEST_PAGE), cursor)
        yield from page.images
        left, cursor = None if left is None else left - len(page.images), page.next_cursor
        if cursor is None:
            return


@explained
def show(
    image_id: Annotated[str, typer.Argument(metavar="ID", help="An image's id, as `thumbpipe list` shows it.")],
    *,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one image and its renditions."""
    check_id(image_id)
    with ApiClient(find_api(api)) as client:
        image = client.image(image_id)
    if as_json:
        print_json(image.content, indent=2)
        return
    facts = [(name.replace("_", " "), value) for name, value in image.content.items() if _is_fact(name, value)]
    facts += [("error", image.error)] if image.error else []
    facts += [("original url", image.original_url)] if image.original_url else []
    print_table(("Fact", "Value"), facts)
    if image.renditions:
        rows = [(one.format, f"{one.width} x {one.height}", decimal(one.bytes), one.url) for one in image.renditions]
        print_table(("Format", "Pixels", "Size", "URL"), rows)


def _is_fact(name: str, value: object) -> bool:
    return value is not None and name not in {"error", "original_url", "renditions"}


@explained
def delete(ids: IdsArgument, *, api: ApiOption = None, as_json: JsonOption = False) -> None:
    """Delete images: the photo, its renditions and its entry. Ends with status 1 if one could not be deleted."""
    for image_id in ids:
        check_id(image_id)
    failed = False
    with ApiClient(find_api(api)) as client:
        for image_id in ids:
            error = _delete_one(client, image_id)
            failed = failed or error is not None
            if as_json:
                print_json({"id": image_id, "ok": error is None, "error": error})
            elif error:
                warn(f"{image_id}: {error}")
            else:
                typer.echo(f"{image_id} deleted")
    if failed:
        raise typer.Exit(1)


def _delete_one(client: ApiClient, image_id: str) -> str | None:
    try:
        client.delete(image_id)
    except UserError as error:
        return str(error)
    return None


def _size(image: RemoteImage) -> str | None:
    return None if image.size_bytes is None else decimal(image.size_bytes)


def _pixels(image: RemoteImage) -> str | None:
    return None if image.width is None else f"{image.width} x {image.height}"


def _day(image: RemoteImage) -> str:
    """Format a time without fractions: 2026-11-25 08:54:17."""
    return image.created_at[:19].replace("T", " ")
