"""Bytes against quality of the renditions, ours and sharp's: a table, and docs/images/quality.svg.

    nox -s bench -- quality

Sample photos are shrunk to the widths of the default recipe by neither of the two, encoded by both at several
qualities, and scored against what was encoded by SSIMULACRA 2 (from PyPI, installed into the cache). The figure of a
format is the geometric mean, over photos, of our bytes ÷ sharp's at the score that sharp's own default reaches.
"""

import argparse
import hashlib
import importlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from math import exp, log
from pathlib import Path
from statistics import fmean
from typing import Final, TypedDict

from image_bench import chart
from image_bench.engines import install_sharp
from image_bench.sources import PHOTOS, cache
from PIL import Image, ImageOps

from thumbpipe.core.imaging.encode.still import encode_still
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe

Point = tuple[float, float]


class Result(TypedDict):
    """A format at a width: our bytes ÷ sharp's at equal quality, and points by engine and quality setting."""

    bytes_ratio: float
    curves: dict[str, dict[str, Point]]


Results = dict[str, Result]  # by width and format

HERE: Final = Path(__file__).resolve().parent
RESULTS: Final = HERE / "results" / "quality.json"
FIGURE: Final = HERE.parent / "docs" / "images" / "quality.svg"
NAMES: Final = ("dandelions.jpg", "forest-stream.jpg", "two-dogs.jpg", "drum-and-wine.jpg")
SCORER: Final = HERE.parent / "locks" / "bench-scorer.txt"
QUALITIES: Final = {"webp": (65, 73, 80, 87), "jpeg": (65, 73, 80, 87), "avif": (35, 45, 50, 60, 70)}
SHARPS_DEFAULT: Final = {"webp": 80, "jpeg": 80, "avif": 50}
OUR_DEFAULT: Final = {"webp": 80, "jpeg": 80, "avif": 60}
DEFAULTS: Final = {"thumbpipe": OUR_DEFAULT, "sharp": SHARPS_DEFAULT}
ENCODE: Final = """
const { default: sharp } = await import(process.argv[1])
const [, , source, format, ...qualities] = process.argv
const { writeFile } = await import('node:fs/promises')
for (const quality of qualities) {
  await writeFile(`${source}.${quality}`, await sharp(source).toFormat(format, { quality: Number(quality) }).toBuffer())
}
"""


def scorer() -> Callable[[str, str], float]:
    """Install the scorer into the cache, once, and load it."""
    folder = cache() / f"ssimulacra2-{hashlib.sha256(SCORER.read_bytes()).hexdigest()[:12]}"
    if not folder.exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
        subprocess.run([*command, "--require-hashes", "--requirement", str(SCORER)], check=True)
    sys.path.append(str(folder))
    score: Callable[[str, str], float] = importlib.import_module("ssimulacra2").compute_ssimulacra2
    return score


def by_sharp(reference: Path, output: str) -> dict[int, bytes]:
    """Encode with sharp's defaults but for the quality."""
    script = reference.with_name("encode.mjs")
    script.write_text(ENCODE.replace("process.argv[1]", json.dumps(install_sharp().as_uri())))
    qualities = [str(quality) for quality in QUALITIES[output]]
    subprocess.run(["node", script, reference, output, *qualities], check=True)  # noqa: S607 - found on PATH
    return {int(quality): Path(f"{reference}.{quality}").read_bytes() for quality in qualities}


def by_thumbpipe(reference: Path, output: str) -> dict[int, bytes]:
    """Encode as renditions are."""
    with Image.open(reference) as image:
        image.load()
        kind = OutputFormat(output)
        return {quality: encode_still(image, kind, Recipe(quality=quality)) for quality in QUALITIES[output]}


def scored(files: dict[int, bytes], reference: Path, score: Callable[[str, str], float]) -> dict[int, Point]:
    """Return (bytes, score) by quality."""
    found = {}
    decoded = reference.with_name("decoded.png")
    for quality, content in files.items():
        Image.open(BytesIO(content)).convert("RGB").save(decoded, compress_level=1)
        found[quality] = (float(len(content)), float(score(str(reference), str(decoded))))
    return found


def bytes_at(points: list[Point], score: float) -> float:
    """Interpolate the logarithm of the bytes; beyond the ends the last piece is drawn on."""
    points = sorted(points, key=lambda point: point[1])
    pieces = list(pairwise(points))
    piece = next((each for each in pieces if score <= each[1][1]), pieces[-1])
    (low_bytes, low), (high_bytes, high) = piece
    part = (score - low) / (high - low)
    return exp(log(low_bytes) * (1 - part) + log(high_bytes) * part)


def measure(width: int, formats: list[str]) -> dict[str, dict[str, list[dict[int, Point]]]]:
    """Encode and score every photo at one width, by format and engine."""
    score = scorer()
    found: dict[str, dict[str, list[dict[int, Point]]]] = {each: {"thumbpipe": [], "sharp": []} for each in formats}
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            reference = Path(folder, f"{name}.png")
            photo = ImageOps.exif_transpose(Image.open(PHOTOS / name)).convert("RGB")
            photo.resize((width, round(photo.height * width / photo.width)), Image.Resampling.LANCZOS).save(reference)
            for output in formats:
                for engine, encoder in (("thumbpipe", by_thumbpipe), ("sharp", by_sharp)):
                    found[output][engine].append(scored(encoder(reference, output), reference, score))
    return found


def ratio(ours: list[dict[int, Point]], sharps: list[dict[int, Point]], quality: int) -> float:
    """Return our bytes ÷ sharp's at the score of sharp's default."""
    pairs = zip(ours, sharps, strict=True)
    return exp(fmean(log(bytes_at(list(a.values()), b[quality][1]) / b[quality][0]) for a, b in pairs))


def mean(curves: list[dict[int, Point]]) -> dict[int, Point]:
    """Average curves of several photos."""
    return {
        quality: (exp(fmean(log(each[quality][0]) for each in curves)), fmean(each[quality][1] for each in curves))
        for quality in curves[0]
    }


def drawn(results: Results) -> str:
    """Draw the curves of all results, a row of panels a width."""
    panels, marks = {}, {}
    for key, result in results.items():
        width, output = key.split()
        panel = f"{output.upper()}, {width} px"
        panels[panel] = {engine: list(points.values()) for engine, points in result["curves"].items()}
        marks[panel] = {e: points[str(DEFAULTS[e][output])] for e, points in result["curves"].items()}
    return chart.curves(panels, marks, len(QUALITIES))


def main() -> None:
    """Measure, print and draw; what is not measured stays as it was."""
    parser = argparse.ArgumentParser(description="Bytes against quality, ours and sharp's.")
    parser.add_argument("--widths", type=int, nargs="+", default=[320, 640, 1280])
    parser.add_argument("--formats", nargs="+", default=list(QUALITIES), choices=list(QUALITIES))
    options = parser.parse_args()
    results: Results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    print(f"{'width':>6} {'format':<6} {'bytes ÷ sharp at equal score':>30} {'our score':>10} {'sharps':>8}")
    for width in options.widths:
        for output, by in measure(width, options.formats).items():
            share = ratio(by["thumbpipe"], by["sharp"], SHARPS_DEFAULT[output])
            curves = {engine: mean(each) for engine, each in by.items()}
            results[f"{width} {output}"] = {
                "bytes_ratio": round(share, 3),
                "curves": {
                    engine: {str(quality): (round(size), round(score, 2)) for quality, (size, score) in points.items()}
                    for engine, points in curves.items()
                },
            }
            scores = [curves[engine][quality[output]][1] for engine, quality in DEFAULTS.items()]
            print(f"{width:>6} {output:<6} {share:>30.3f} {scores[0]:>10.1f} {scores[1]:>8.1f}", flush=True)
    order = [f"{width} {output}" for width in sorted({int(key.split()[0]) for key in results}) for output in QUALITIES]
    results = {key: results[key] for key in order if key in results}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    FIGURE.write_text(drawn(results))


if __name__ == "__main__":
    main()
