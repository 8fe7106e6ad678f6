"""Terraform's variables and the functions' settings allow the same numbers."""

import re
from typing import Final

from thumbpipe.adapters import settings
from thumbpipe_devkit.docs.reference import setters
from thumbpipe_devkit.paths import CHECKOUT

INFRA: Final = CHECKOUT / "infra"


def _range_of(variable: str) -> tuple[int, int]:
    text = "\n".join(file.read_text(encoding="utf-8") for file in INFRA.glob("variables*.tf"))
    (found,) = set(re.findall(rf"\bvar\.{variable} >= (\d+) && var\.{variable} <= (\d+)", text))
    return int(found[0]), int(found[1])


def test_a_number_has_one_range_in_terraform_and_in_the_code() -> None:
    variables = [value for value in vars(settings).values() if isinstance(value, settings.Variable)]
    numbers = {each.name: each.read for each in variables if isinstance(each.read, settings.WholeNumber)}
    assert len(numbers) == 8
    set_by = setters(INFRA)
    for name, number in numbers.items():
        assert _range_of(set_by[name]) == (number.low, number.high), name


def test_widths_have_one_range_in_terraform_and_in_the_code() -> None:
    text = INFRA.joinpath("variables_images.tf").read_text(encoding="utf-8")
    assert f"width >= {settings.WIDTH.low} && width <= {settings.WIDTH.high}" in text
    assert f"length(var.thumbnail_widths) <= {settings.MAX_WIDTHS} " in text
