"""What is the machine's fault is never taken for the photo's: it propagates, so that the queue delivers it again."""

import errno
import os
from collections.abc import Callable
from typing import Any, Final
from unittest.mock import patch

import pytest
from PIL import Image, ImageCms, ImageFile, PngImagePlugin, TiffImagePlugin

from images import make
from thumbpipe.core.imaging.decode import libwebp
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError, decoding
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.machine_faults import is_machine_fault
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import render

NUMBERS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.EROFS)
RECIPE: Final = Recipe(widths=(16,), formats=(OutputFormat.JPEG,))


def raised_from(cause: Exception) -> Exception:
    """Make an error of the kind that libraries raise instead of their cause."""
    error = ValueError("image could not be read")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        *(OSError(number, os.strerror(number)) for number in NUMBERS),
        OSError("out of memory error when reading image file"),
        RuntimeError("Memory allocation error"),
        ValueError("Failed to decode frame 0: Out of memory"),
        OSError("unable to call tiffload: unix error: No space left on device"),
        RuntimeError("std::bad_alloc"),
        raised_from(MemoryError()),
        raised_from(OSError(errno.EMFILE, "Too many open files")),
    ],
    ids=repr,
)
def test_a_fault_of_the_machine_propagates(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, decoding("JPEG"):
        raise error
    assert raised.value is error


@pytest.mark.parametrize(
    "error",
    [
        OSError("broken data stream when reading image file"),
        OSError(-2),
        ValueError("Memory allocation error: Security limit exceeded: Allocating an image of size 9x9"),
        RecursionError("maximum recursion depth exceeded"),
        EOFError(),
    ],
    ids=repr,
)
def test_a_fault_of_the_file_is_no_fault_of_the_machine(error: Exception) -> None:
    assert not is_machine_fault(error)
    with pytest.raises(InvalidImageError), decoding("JPEG"):
        raise error


def _photo_with_everything() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    return make.saved(make.quadrants(48, 36), "PNG", exif=make.exif_block(6), icc_profile=profile)


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (Image, "open"),
        (Image.Exif, "load"),
        (ImageCms, "getProfileDescription"),
        (ImageCms, "buildTransform"),
        (ImageFile.ImageFile, "load"),
        (PngImagePlugin.PngImageFile, "load_read"),
    ],
    ids=lambda each: each if isinstance(each, str) else each.__name__,
)
@pytest.mark.parametrize("make_error", [MemoryError, lambda: OSError(errno.ENOMEM, "Cannot allocate memory")])
def test_a_fault_of_the_machine_in_any_step_propagates(
    part: object, name: str, make_error: Callable[[], Exception]
) -> None:
    source, error = _photo_with_everything(), make_error()
    with patch.object(part, name, side_effect=error), pytest.raises(type(error)):
        render(source, RECIPE, Limits())


def test_a_tiff_that_libvips_has_no_memory_for_is_not_called_unsupported() -> None:
    source = make.saved(make.quadrants(48, 36), "TIFF")
    with (
        patch.object(TiffImagePlugin.TiffImageFile, "_open", side_effect=MemoryError),
        pytest.raises(MemoryError),
    ):
        render(source, RECIPE, Limits())


def test_libwebp_without_memory_is_the_machines_fault() -> None:
    source = make.saved(make.quadrants(48, 36), "WEBP")
    decode = libwebp._decode  # noqa: SLF001 - what it says is replaced, not what it does

    def out_of_memory(*arguments: Any) -> int:  # noqa: ANN401 - whatever it takes
        decode(*arguments)
        return 1

    with (
        patch.object(libwebp, "_decode", out_of_memory),
        patch.object(libwebp, "_WORKING_BYTES_PER_PIXEL", 2**40),
        pytest.raises(MemoryError),
    ):
        render(source, RECIPE, Limits())


def test_a_damaged_photo_is_still_the_photos_fault() -> None:
    source = bytearray(make.saved(make.quadrants(480, 360), "JPEG"))
    with pytest.raises(InvalidImageError) as refused:
        render(bytes(source[: len(source) // 2]), RECIPE, Limits())
    assert refused.value.code is ErrorCode.TRUNCATED
