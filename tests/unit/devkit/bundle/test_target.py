import sys

import pytest

from thumbpipe_devkit.bundle import BundleError, Target


def test_lambda_targets_take_wheels_down_from_their_own_glibc() -> None:
    target = Target.for_lambda(python="3.13", architecture="arm64")

    assert target.name == "lambda-arm64-py3.13"
    assert target.platforms[0] == "manylinux_2_34_aarch64"
    assert "manylinux_2_28_aarch64" in target.platforms
    assert "manylinux2014_aarch64" in target.platforms


def test_the_python_311_runtime_has_an_older_glibc() -> None:
    assert Target.for_lambda(python="3.11", architecture="x86_64").platforms[0] == "manylinux_2_26_x86_64"


def test_the_host_target_is_the_running_python_and_this_machines_wheels() -> None:
    target = Target.for_host()

    assert target.python == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert target.platforms == ()


@pytest.mark.parametrize(
    ("python", "architecture", "message"),
    [("3.10", "arm64", r"choose 3\.11, 3\.12, 3\.13"), ("3.13", "riscv64", "choose arm64, x86_64")],
)
def test_an_unknown_lambda_target_is_refused_with_the_valid_ones(python: str, architecture: str, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        Target.for_lambda(python=python, architecture=architecture)
