import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from thumbpipe_devkit.bundle import FUNCTIONS

RUNTIME_PACKAGES: Final = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")

ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_NAME": "thumbpipe",
    "AWS_REGION": "us-east-1",
    "AWS_SECRET_ACCESS_KEY": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "thumbpipe",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "THUMBPIPE_CATALOG_SHARDS": "1",
    "THUMBPIPE_CATALOG_TABLE": "thumbpipe-catalog",
    "THUMBPIPE_CURSOR_KEY_PARAMETER": "/thumbpipe/cursor-key",
    "THUMBPIPE_DELIVERY_URL": "https://d111111abcdef8.cloudfront.net",
    "THUMBPIPE_DISTRIBUTION_ID": "E1",
    "THUMBPIPE_IMAGE_BUCKET": "thumbpipe-images",
    "THUMBPIPE_PAGE_ORIGINS": "http://127.0.0.1:4566",
}

# A zip's folder stands before the runtime's own, as in Lambda.
PROGRAM: Final = """
import importlib, sys
sys.path[:0] = sys.argv[2:]
handler = importlib.import_module(f"thumbpipe.entrypoints.{sys.argv[1]}").handler
print(handler.__module__, *sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """A folder with the runtime's boto3 and nothing else of this environment."""
    for name in RUNTIME_PACKAGES:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (tmp_path / source.name).symlink_to(source)
    return tmp_path


def _import(function: str, *folders: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-I", "-S", "-B", "-c", PROGRAM, function, *map(str, folders)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_handlers_import_with_the_zip_and_the_runtimes_boto3_alone(
    unpacked_for_host: Callable[[str], Path], runtime: Path, function: str
) -> None:
    done = _import(function, unpacked_for_host(function), runtime)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"thumbpipe.entrypoints.{function} ")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_zip_needs_the_runtimes_boto3(unpacked_for_host: Callable[[str], Path], function: str) -> None:
    done = _import(function, unpacked_for_host(function))

    assert "No module named 'boto" in done.stderr


def test_the_gallerys_zip_signs(unpacked_for_host: Callable[[str], Path], runtime: Path) -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from cryptography.hazmat.primitives.asymmetric import ec\n"
        "from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat\n"
        "from thumbpipe.adapters.cloudfront_signer import SigningKey\n"
        "key = ec.generate_private_key(ec.SECP256R1())\n"
        "pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()\n"
        "print(SigningKey(key_id='K1', private_key=pem).sign(b'policy')[:1].hex())\n"
    )
    command = [sys.executable, "-I", "-S", "-B", "-c", program, str(unpacked_for_host("gallery")), str(runtime)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert (done.stdout.strip(), done.stderr) == ("30", "")  # what an ECDSA signature begins with


def test_the_zips_image_engine_renders_a_photo(
    unpacked_for_host: Callable[[str], Path], photo_files: list[Path], runtime: Path
) -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from thumbpipe.core.imaging.limits import Limits\n"
        "from thumbpipe.core.imaging.recipe import Recipe\n"
        "from thumbpipe.core.imaging.render import render\n"
        "for path in sys.argv[3:]:\n"
        "    done = render(open(path, 'rb').read(), Recipe(widths=(64,)), Limits())\n"
        "    print(done.facts.format, *(rendition.width for rendition in done.renditions))\n"
    )
    folders = [unpacked_for_host("thumbnailer"), runtime]
    command = [sys.executable, "-I", "-S", "-B", "-c", program, *map(str, folders), *map(str, photo_files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["HEIC 64 64", "AVIF 64 64", "WebP 64 64"]


@pytest.fixture
def photo_files() -> list[Path]:
    """One photo for each library that the thumbnailer's zip carries beside Pillow's own."""
    folder = Path(__file__).parents[1] / "images" / "photos"
    return [folder / "nuthatch.heic", folder / "autumn-hills.avif", folder / "fig.webp"]
