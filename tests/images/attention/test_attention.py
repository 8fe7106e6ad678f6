"""Cropping keeps at least as much of a photo's subject as the better of two peers."""

import tomllib

import pytest

from images.attention.photos import SUBJECTS
from images.attention.report import mean, measured_by_all
from images.corpora.fetch import UnreachableError


def test_no_less_of_the_subject_is_kept_than_by_the_better_peer() -> None:
    try:
        measured = measured_by_all()
    except UnreachableError as error:
        pytest.skip(f"photos or smartcrop.js cannot be fetched: {error}")

    ours, *peers = (mean(measured[name]) for name in ("thumbpipe", "libvips", "smartcrop.js"))

    assert ours >= max(peers)
    assert ours > mean(measured["centre"])


def test_twenty_photos_have_a_subject_within_them() -> None:
    subjects = [each for photos in tomllib.loads(SUBJECTS.read_text()).values() for each in photos.values()]

    assert len(subjects) == 20
    assert all(0 <= left < right <= 100 and 0 <= top < bottom <= 100 for left, top, right, bottom in subjects)
