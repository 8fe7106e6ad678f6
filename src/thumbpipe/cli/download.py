"""`thumbpipe download`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal

from thumbpipe.cli.api import ApiClient
from thumbpipe.cli.errors import UserError, explained
from thumbpipe.cli.files import Names, safe_name
from thumbpipe.cli.location import find_api
from thumbpipe.cli.options import ApiOption, FolderOption, IdsArgument, JobsOption, JsonOption, check_id, make_folder
from thumbpipe.cli.output import file_progress, print_json, print_table
from thumbpipe.cli.parallel import map_in_order
from thumbpipe.cli.remote import RemoteImage
from thumbpipe.core.imaging.recipe import OutputFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """Result of fetching one image: files with their sizes in bytes."""

    image_id: str
    files: tuple[tuple[Path, int], ...] = ()
    error: str | None = None

    def to_json(self) -> dict[str, object]:
        """One line of `--json`."""
        files = [{"path": str(path), "bytes": size} for path, size in self.files]
        return {"id": self.image_id, "ok": self.error is None, "files": files, "error": self.error}


@explained
def download(
    ids: IdsArgument,
    *,
    output: FolderOption = Path(),
    original: Annotated[bool, typer.Option(help="Fetch the photo as it was uploaded.")] = True,
    renditions: Annotated[bool, typer.Option(help="Fetch the thumbnails.")] = True,
    jobs: JobsOption = 4,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch photos and thumbnails into FOLDER/ID/. Ends with status 1 if one failed."""
    unique = list(dict.fromkeys(check_id(image_id) for image_id in ids))
    make_folder(output)
    with ApiClient(find_api(api)) as client, file_progress() as progress:
        task = progress.add_task("Downloading", total=len(unique))

        def fetch(image_id: str) -> Downloaded:
            done = _fetch_image(client, image_id, output / image_id, original=original, renditions=renditions)
            progress.advance(task)
            return done

        done = list(map_in_order(fetch, unique, jobs))
    if as_json:
        for one in done:
            print_json(one.to_json())
    else:
        print_table(("Id", "File", "Size", "Error"), [row for one in done for row in _rows(one)])
    if any(one.error for one in done):
        raise typer.Exit(1)


def _fetch_image(client: ApiClient, image_id: str, folder: Path, *, original: bool, renditions: bool) -> Downloaded:
    files: list[tuple[Path, int]] = []
    errors: list[str] = []
    try:
        image = client.image(image_id)
        make_folder(folder)
        wanted = list(_wanted(image, original=original, renditions=renditions))
    except UserError as error:
        return Downloaded(image_id=image_id, error=str(error))
    for name, url in wanted:
        try:
            files.append((folder / name, client.fetch(url, folder / name)))
        except UserError as error:
            errors.append(str(error))
    if image.state == "pending":
        errors.append("Nothing to fetch yet: the upload is pending.")
    return Downloaded(image_id=image_id, files=tuple(files), error=" ".join(errors) or None)


def _wanted(image: RemoteImage, *, original: bool, renditions: bool) -> Iterator[tuple[Path, str]]:
    """Yield the files to fetch: renditions first, so that a photo named 160.webp is renamed."""
    names = Names()
    if renditions:
        for one in image.renditions:
            yield names.unique(Path(f"{one.width}.{OutputFormat(one.format).extension}")), one.url
    if original and image.original_url:
        yield names.unique(Path(safe_name(image.filename))), image.original_url


def _rows(done: Downloaded) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = [(done.image_id, path, decimal(size), None) for path, size in done.files]
    return [*rows, (done.image_id, None, None, done.error)] if done.error else rows
