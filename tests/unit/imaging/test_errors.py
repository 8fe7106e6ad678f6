import pickle

from thumbpipe.core.errors import ThumbpipeError
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError


def test_a_refusal_reads_as_its_sentence() -> None:
    assert str(InvalidImageError(ErrorCode.EMPTY, "The file is empty (0 bytes).")) == "The file is empty (0 bytes)."


def test_a_refusal_survives_a_process_pool() -> None:
    copy = pickle.loads(pickle.dumps(InvalidImageError(ErrorCode.CORRUPT, "Damaged.")))  # noqa: S301 - our own bytes
    assert isinstance(copy, InvalidImageError)
    assert (copy.code, copy.message) == (ErrorCode.CORRUPT, "Damaged.")


def test_a_refusal_belongs_to_the_family() -> None:
    assert issubclass(InvalidImageError, ThumbpipeError)
