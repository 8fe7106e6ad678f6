import math

import pytest

from thumbpipe.core.imaging.placeholder.fdlibm import cos


def test_a_cosine_is_within_the_last_bit_of_the_c_librarys() -> None:
    values = [step * 20 / 9_999 for step in range(10_000)]
    assert max(abs(cos(x) - math.cos(x)) for x in values) <= math.ulp(1.0) / 2


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        # As Node.js 20 prints them; glibc's last digit differs in each.
        (6.872233929727672, 0.8314696123025456),
        (6.956383732948828, 0.7818314824680299),
        (1.1549972991138946, 0.403921004871895),
        (2.4347343065320897, -0.7604059656000308),
    ],
)
def test_a_cosine_is_javascripts(x: float, expected: float) -> None:
    assert cos(x) == expected
