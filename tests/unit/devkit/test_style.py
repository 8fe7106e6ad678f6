from pathlib import Path
from textwrap import dedent

import pytest

from thumbpipe_devkit import style


def _messages(source: str) -> list[str]:
    return [finding.message for finding in style.check(dedent(source))]


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    f()\nexcept OSError as error:\n    raise\n",
        "try:\n    f()\nexcept OSError:\n    pass\n",
        "_LIMIT: Final = 5\n",
        "_NAMES: Final[frozenset[str]] = frozenset()\n",
        'T = TypeVar("T")\nKT = TypeVar("KT")\n',
        "Key = tuple[str, ...]\n_cache: dict[str, int] = {}\n",
        "TYPE_CHECKING = False\n",
        "def f():\n    LOCAL = 1\n",
        "class Kind(Enum):\n    ALLOW = 1\n",
        "x = f()  # noqa: S603 - our own program\n",
        "x = f()  # noqa: F401, PLC0415 - asks whether it loads\n",
        "x = f()  # noqa: ANN401 - any value\ny = f()  # noqa: ANN401\n",
        "# LocalStack ships no types.\nx = f()  # noqa: ANN401\n",
        "x = f()  # type: ignore[misc] # noqa: ANN401 - any value\n",
        'x = "# noqa"\n',
    ],
)
def test_code_in_the_style_passes(source: str) -> None:
    assert _messages(source) == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("try:\n    f()\nexcept OSError as err:\n    raise\n", "name the exception `error`, not `err`"),
        (
            "def f():\n    try:\n        g()\n    except* OSError as exc:\n        pass\n",
            "name the exception `error`, not `exc`",
        ),
        ("_LIMIT = 5\n", "_LIMIT is not Final"),
        ("LIMIT: int = 5\n", "LIMIT is not Final"),
        ("_NAMES: frozenset[str] = frozenset()\n", "_NAMES is not Final"),
        ("_FIRST, _LAST = 1, 9\n", "_FIRST, _LAST are not Final: assign one at a time"),
        ("x = f()  # noqa\n", "write `# noqa: CODE - reason`"),
        ("x = f()  # noqa: S603 (our own program)\n", "write `# noqa: CODE - reason`"),
        ("x = f()  # noqa: S603 our own program\n", "write `# noqa: CODE - reason`"),
        ("x = f()  # noqa:S603 - our own program\n", "write `# noqa: CODE - reason`"),
        ("x = f()  # noqa: ANN401\n", "give a reason: `# noqa: ANN401 - reason`"),
        (
            "x = f()  # noqa: S603 - our own program\ny = f()  # noqa: ANN401, S603\n",
            "give a reason: `# noqa: ANN401 - reason`",
        ),
        ("# far above\n\nx = f()  # noqa: ANN401\n", "give a reason: `# noqa: ANN401 - reason`"),
    ],
)
def test_what_does_not_is_named(source: str, message: str) -> None:
    assert _messages(source) == [message]


def _dataclass(docstring: str, fields: str = "page: str\n    status: int = 200") -> str:
    return f'@dataclass(frozen=True)\nclass Rule:\n    """{docstring}"""\n\n    {fields}\n'


@pytest.mark.parametrize(
    "docstring",
    [
        "A rule.",
        "A rule of `CustomErrorResponses`.",
        "A rule.\n\n    Attributes:\n        page: Shown instead.\n        status: Sent with `page`.\n    ",
        "A rule.\n\n    Attributes:\n        page: Shown instead,\n            at any time: always.\n    ",
    ],
)
def test_a_dataclass_may_describe_its_fields_or_none(docstring: str) -> None:
    assert _messages(_dataclass(docstring)) == []


@pytest.mark.parametrize(
    ("docstring", "message"),
    [
        ("A rule; `page` may be empty.", "describe page of Rule under `Attributes:`"),
        (
            "A rule.\n\n    Args:\n        page: Shown instead.\n    ",
            "Rule is a dataclass: its fields are `Attributes:`, not `Args:`",
        ),
        ("A rule.\n\n    Attributes:\n        pages: Shown instead.\n    ", "Rule has no pages"),
    ],
)
def test_fields_are_described_under_attributes(docstring: str, message: str) -> None:
    assert _messages(_dataclass(docstring)) == [message]


def test_a_text_behind_a_field_belongs_under_attributes() -> None:
    source = _dataclass("A rule.", 'page: str\n    """Shown instead."""')

    assert _messages(source) == ["describe the fields of Rule under `Attributes:`"]


def test_a_member_of_a_dataclass_may_be_described_as_an_attribute() -> None:
    fields = "page: str\n\n    @property\n    def path(self) -> str: ..."

    assert _messages(_dataclass("A rule.\n\n    Attributes:\n        path: Its page's.\n    ", fields)) == []


def test_another_class_describes_itself_as_it_likes() -> None:
    assert _messages('class Rule:\n    """A rule; `page` may be empty."""\n\n    page: str\n') == []


def test_the_command_names_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tmp_path.joinpath("inner").mkdir()
    module = tmp_path / "inner" / "module.py"
    module.write_text('"""A module."""\n\nLIMIT = 1\n')

    assert style.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{module}:3: LIMIT is not Final\n"


def test_the_command_accepts_code_in_the_style(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("from typing import Final\n\nLIMIT: Final = 1\n")

    assert style.main([str(module)]) == 0
