"""Renders with one engine: a JSON line with a job on standard input, a JSON line with its figures on standard output.

python worker.py ENGINE     thumbpipe, pyvips or pillow
"""

import json
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import AvifImagePlugin

WIDTHS: Final = (1280, 640, 320, 160)
Job = Callable[[bytes], list[bytes]]


def _our_effort(width: int) -> int:
    return 2 if width > WIDTHS[1] else 4


def thumbpipe_jobs() -> dict[str, Job]:
    """Our own engine as the Lambda function calls it, placeholder included."""
    from thumbpipe.core.imaging.limits import Limits  # noqa: PLC0415 - imported where it is needed
    from thumbpipe.core.imaging.recipe import OutputFormat, Recipe  # noqa: PLC0415
    from thumbpipe.core.imaging.render import render  # noqa: PLC0415

    limits = Limits(max_bytes=1 << 30)

    def job(recipe: Recipe) -> Job:
        return lambda source: [each.data for each in render(source, recipe, limits).renditions]

    # 256 wide is inside 256 x 256 for the benchmark's photos, which lie on their side.
    return {"default": job(Recipe()), "one": job(Recipe(widths=(256,), formats=(OutputFormat.JPEG,)))}


def pyvips_jobs() -> dict[str, Job]:
    """Libvips as its documentation calls it fastest: `thumbnail_buffer`, which shrinks while it loads."""
    import pyvips  # noqa: PLC0415

    pyvips.concurrency_set(1)
    pyvips.cache_set_max(0)

    def thumbnail(source: bytes, width: int, **options: object) -> Any:  # noqa: ANN401 - pyvips has no types
        return pyvips.Image.thumbnail_buffer(source, width, height=100_000, size="down", **options)

    def encode(image: Any, effort: int) -> list[bytes]:  # noqa: ANN401
        return [
            image.webpsave_buffer(Q=80, effort=effort, keep="none"),
            image.jpegsave_buffer(Q=80, optimize_coding=True, keep="none"),
        ]

    def per_width(source: bytes) -> list[bytes]:
        return [file for width in WIDTHS for file in encode(thumbnail(source, width).copy_memory(), 4)]

    def once(source: bytes, effort: Callable[[int], int]) -> list[bytes]:
        image, files = thumbnail(source, WIDTHS[0]).copy_memory(), []
        for width in WIDTHS:
            if image.width > width:
                image = image.thumbnail_image(width, height=100_000, size="down").copy_memory()
            files += encode(image, effort(width))
        return files

    def animated(source: bytes) -> list[bytes]:
        files = []
        for width in WIDTHS:
            files.append(thumbnail(source, width, option_string="n=-1").webpsave_buffer(Q=80, effort=4))
            files.append(thumbnail(source, width).jpegsave_buffer(Q=80, optimize_coding=True, keep="none"))
        return files

    return {
        "per width": per_width,
        "once": lambda source: once(source, lambda _width: 4),
        "once, our effort": lambda source: once(source, _our_effort),
        "animated": animated,
        "one": lambda source: [thumbnail(source, 256).jpegsave_buffer(Q=80, optimize_coding=True, keep="none")],
    }


def pillow_jobs() -> dict[str, Job]:
    """Pillow's own `thumbnail()`, which shrinks JPEG while it loads, and `save()` with nothing but the quality."""
    import pi_heif  # type: ignore[import-untyped]  # noqa: PLC0415  # it ships no types
    from PIL import Image, ImageOps, ImageSequence  # noqa: PLC0415

    pi_heif.register_heif_opener()

    def thumbnail(image: Image.Image, width: int) -> Image.Image:
        image.thumbnail((width, 100_000))
        return image

    def encode(image: Image.Image, output: str, **options: object) -> bytes:
        file = BytesIO()
        image.save(file, output, quality=80, **options)
        return file.getvalue()

    def both(image: Image.Image) -> list[bytes]:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        return [encode(upright, "WEBP"), encode(upright, "JPEG", optimize=True)]

    def per_width(source: bytes) -> list[bytes]:
        return [file for width in WIDTHS for file in both(thumbnail(Image.open(BytesIO(source)), width))]

    def once(source: bytes) -> list[bytes]:
        image, files = Image.open(BytesIO(source)), []
        for width in WIDTHS:
            files += both(thumbnail(image, width))
        return files

    def animated(source: bytes) -> list[bytes]:
        files = []
        with Image.open(BytesIO(source)) as image:
            frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(image)]
            duration = image.info.get("duration", 0)
        for width in WIDTHS:
            frames = [thumbnail(frame, width) for frame in frames]
            options = {"save_all": True, "append_images": frames[1:], "duration": duration, "loop": 0}
            files += [encode(frames[0], "WEBP", **options), encode(frames[0], "JPEG", optimize=True)]
        return files

    def one(source: bytes) -> list[bytes]:
        image = thumbnail(Image.open(BytesIO(source)), 256)
        return [encode(ImageOps.exif_transpose(image), "JPEG", optimize=True)]

    return {"per width": per_width, "once": once, "animated": animated, "one": one}


ENGINES: Final = {"thumbpipe": thumbpipe_jobs, "pyvips": pyvips_jobs, "pillow": pillow_jobs}


def main() -> None:
    """Do jobs until standard input ends."""
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    jobs = ENGINES[sys.argv[1]]()
    for line in sys.stdin:
        order = json.loads(line)
        source = Path(order["source"]).read_bytes()
        started, cpu_started = time.perf_counter(), time.process_time()
        try:
            files = jobs[order["job"]](source)
        except Exception as error:  # noqa: BLE001 - the engine cannot do this; the table says so
            print(json.dumps({"error": str(error)}), flush=True)
            continue
        figures = {"ms": (time.perf_counter() - started) * 1000, "cpu_ms": (time.process_time() - cpu_started) * 1000}
        print(json.dumps({**figures, "bytes": [len(file) for file in files]}), flush=True)


if __name__ == "__main__":
    main()
