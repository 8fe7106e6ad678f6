"""Uploads photos concurrently and waits until they are ready."""

import concurrent.futures
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from thumbpipe_devkit.demo.gallery import Gallery, RefusedError, Sent
from thumbpipe_devkit.demo.photos import Photo

SIDE_BY_SIDE: Final = 6  # as many connections as a browser opens to one host
POLL_S: Final = 0.1
PATIENCE_S: Final = 120.0
PATIENCE_PER_PHOTO_S: Final = 3.0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """The result of one photo.

    Attributes:
        photo: The file.
        state: `ready`, `failed`, `pending` (time ran out) or `refused`.
        image: The API's entry; empty if the photo was refused.
        ready_ms: Milliseconds from uploaded to ready, polled every 100 ms.
        faults: Errors in the photo's entry or its renditions.
    """

    photo: Photo
    state: str
    image: Mapping[str, Any] = field(default_factory=dict)
    ready_ms: int | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether it is ready and has at least one rendition, and all of them match the API's entry."""
        return self.state == "ready" and bool(self.image["renditions"]) and not self.faults


def run(gallery: Gallery, photos: Sequence[Photo], settled: Callable[[], None]) -> list[Outcome]:
    """Send the photos, wait until each is ready or failed, and check every rendition.

    Args:
        gallery: The API.
        photos: What to send.
        settled: Called once for each photo when its state is final.
    """
    pool = concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE)
    try:
        sending = {pool.submit(gallery.send, photo): photo for photo in photos}
        outcomes = _watch(gallery, sending, settled)
        ready = [outcome for outcome in outcomes if outcome.state == "ready"]
        for outcome, faults in zip(
            ready, pool.map(lambda one: gallery.check(one.image["renditions"]), ready), strict=True
        ):
            outcome.faults.extend(faults)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    order = {photo.path: place for place, photo in enumerate(photos)}
    return sorted(outcomes, key=lambda outcome: order[outcome.photo.path])


def _watch(
    gallery: Gallery, sending: dict[concurrent.futures.Future[Sent], Photo], settled: Callable[[], None]
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    waiting: dict[str, tuple[Photo, Sent]] = {}
    deadline = time.monotonic() + PATIENCE_S + PATIENCE_PER_PHOTO_S * len(sending)
    while (sending or waiting) and time.monotonic() < deadline:
        done, _ = concurrent.futures.wait(sending, timeout=POLL_S, return_when=concurrent.futures.FIRST_COMPLETED)
        for future in done:
            photo = sending.pop(future)
            try:
                sent = future.result()
                waiting[sent.image_id] = (photo, sent)
            except RefusedError as error:
                outcomes.append(Outcome(photo=photo, state="refused", faults=[str(error)]))
                settled()
        for image_id, image in gallery.look_up(set(waiting)).items() if waiting else ():
            if image["state"] != "pending":
                photo, sent = waiting.pop(image_id)
                outcomes.append(_outcome(photo, sent, image))
                settled()
        if not sending:
            time.sleep(POLL_S)
    outcomes += [Outcome(photo=photo, state="pending", faults=["not ready in time"]) for photo, _ in waiting.values()]
    return outcomes


def _outcome(photo: Photo, sent: Sent, image: Mapping[str, Any]) -> Outcome:
    took_ms = round((time.monotonic() - sent.uploaded_at) * 1000)
    error = image.get("error") or {}
    faults = [f"{error.get('code')}: {error.get('message')}"] if image["state"] == "failed" else []
    return Outcome(photo=photo, state=str(image["state"]), image=image, ready_ms=took_ms, faults=faults)
