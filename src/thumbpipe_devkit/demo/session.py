"""The steps of the demo: start the stack, send photos, show a table and addresses, clean up."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx
import rich.progress
from rich.console import Console

from thumbpipe_devkit.credentials import AWS_CLI
from thumbpipe_devkit.demo import pipeline
from thumbpipe_devkit.demo.gallery import Gallery
from thumbpipe_devkit.demo.photos import Photo, collect
from thumbpipe_devkit.demo.report import table
from thumbpipe_devkit.errors import StackLostError
from thumbpipe_devkit.processes import signals
from thumbpipe_devkit.stack.lifecycle import Options, Stack, running_stack

_HEALTH_EVERY_S: Final = 5.0


def run(options: Options, console: Console, *, photos: Sequence[Path], once: bool) -> int:
    """Show the pipeline on photos.

    Args:
        options: Where the stack runs.
        console: The output.
        photos: Files and folders; the samples if empty.
        once: Stop after the photos.

    Returns:
        The exit status: 0, or 1 if `once` is set and a photo or rendition is wrong.

    Raises:
        SetupError: The message names the cause and the solution.
    """
    begin = time.monotonic()
    chosen = collect(photos)
    with running_stack(options, console) as stack:
        outcomes = _send(stack, chosen, console)
        console.print(table(outcomes))
        console.print(f"{time.monotonic() - begin:.1f} s to this table", highlight=False)
        is_good = _summarize(outcomes, console)
        _show_addresses(stack, console)
        stack.applying.wait()
        if once:
            console.print(f"{time.monotonic() - begin:.1f} s in total, before clean-up", highlight=False)
            return 0 if is_good else 1
        console.print(AWS_CLI, highlight=False, markup=False, soft_wrap=True)
        console.print("The stack stays up until you press Ctrl-C, which stops everything.")
        return _stay(stack)


def _send(stack: Stack, photos: Sequence[Photo], console: Console) -> list[pipeline.Outcome]:
    stack.steps.say(f"sending {len(photos)} photos")
    # Stop the steps' spinners: a terminal can only have one live display.
    stack.steps.bars.stop()
    try:
        with Gallery(stack.api_url) as gallery, rich.progress.Progress(console=console) as bars:
            task = bars.add_task(f"{len(photos)} photos", total=len(photos))
            return pipeline.run(gallery, photos, lambda: bars.advance(task))
    except httpx.HTTPError as error:
        if stack.engine.is_healthy():
            raise StackLostError(
                f"the engine is running, but a request failed: {error}", log=stack.engine.log
            ) from error
        raise StackLostError(f"the engine ended.\n{stack.engine.tail()}", log=stack.engine.log) from error
    finally:
        stack.steps.bars.start()


def _summarize(outcomes: Sequence[pipeline.Outcome], console: Console) -> bool:
    for outcome in outcomes:
        for fault in outcome.faults:
            console.print(f"✗ {outcome.photo.path.name}: {fault}", style="red", markup=False, soft_wrap=True)
    good = [outcome for outcome in outcomes if outcome.is_good]
    renditions = sum(len(outcome.image["renditions"]) for outcome in good)
    console.print(
        f"{len(good)} of {len(outcomes)} photos ready; {renditions} renditions downloaded and decoded",
        highlight=False,
    )
    return len(good) == len(outcomes)


def _show_addresses(stack: Stack, console: Console) -> None:
    others = [("or", url) for url in stack.other_page_urls()]
    addresses = [("page", stack.page_url), *others, ("API", f"{stack.api_url}/api/images"), ("AWS", stack.endpoint_url)]
    for name, value in addresses:
        console.print(f"  {name:<5}{value}", highlight=False, soft_wrap=True)


def _stay(stack: Stack) -> int:
    try:
        while stack.engine.is_healthy():
            time.sleep(_HEALTH_EVERY_S)
    except signals.Interrupted:
        return 0
    raise StackLostError(f"the engine ended unexpectedly.\n{stack.engine.tail()}", log=stack.engine.log)
