"""The Lambda zips."""

from thumbpipe_devkit.bundle.builder import FUNCTIONS, BuiltZip, Source, build
from thumbpipe_devkit.bundle.errors import BundleError
from thumbpipe_devkit.bundle.target import Target

__all__ = ["FUNCTIONS", "BuiltZip", "BundleError", "Source", "Target", "build"]
