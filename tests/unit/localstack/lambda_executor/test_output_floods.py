"""A function that prints more than can be read ends on time, holds up no other one, and costs bounded memory."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from support.waiting import happens, wait_until
from thumbpipe_localstack.lambda_executor.output.backlog import BACKLOG_BYTES, Backlog
from thumbpipe_localstack.lambda_executor.output.log_events import LogEvent, OutputParser
from thumbpipe_localstack.lambda_executor.output.log_tail import TAIL_BYTES, LogTail
from thumbpipe_localstack.lambda_executor.output.pipe import Output, OutputPump

FLOODS: Final = {
    "short-lines": "while True: print('x')",
    "one-endless-line": "import os\nwhile True: os.write(1, b'x' * 4096)",
    "frames": "import os\nwhile True: os.write(1, b'\\xa5\\x5a\\0\\x0f' + (100).to_bytes(4) + bytes(8) + b'y' * 100)",
    "a-frame-that-claims-4-GiB": "import os\nos.write(1, b'\\xa5\\x5a\\0\\x0f\\xff\\xff\\xff\\xff' + bytes(8))\n"
    "while True: os.write(1, b'y' * 4096)",
}
QUARTER_MIB: Final = 256 * 1024


@pytest.fixture(params=list(FLOODS.values()), ids=list(FLOODS))
def flooded(request: pytest.FixtureRequest) -> Iterator[int]:
    """The reading end of the pipe of a process that prints without end."""
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    with subprocess.Popen([sys.executable, "-c", request.param], stdout=write_end, stderr=subprocess.DEVNULL) as writer:
        os.close(write_end)
        yield read_end
        writer.kill()


def _wait_for_output(descriptor: int) -> None:
    os.set_blocking(descriptor, True)
    os.read(descriptor, 1)
    os.set_blocking(descriptor, False)


def test_what_was_printed_so_far_is_read_though_more_is_printed(flooded: int) -> None:
    _wait_for_output(flooded)
    reader = threading.Thread(target=Output(flooded, lambda _events: None).flush, daemon=True)

    reader.start()
    reader.join(timeout=10)

    assert not reader.is_alive()


def test_a_flood_is_closed_though_it_goes_on(flooded: int) -> None:
    _wait_for_output(flooded)
    closer = threading.Thread(target=Output(flooded, lambda _events: None).close, daemon=True)

    closer.start()
    closer.join(timeout=10)

    assert not closer.is_alive()


def test_a_quiet_environment_is_read_beside_one_that_floods(flooded: int) -> None:
    pump = OutputPump()
    pump.add(Output(flooded, lambda _events: None))
    quiet_end, write_end = os.pipe()
    os.set_blocking(quiet_end, False)
    texts: list[str] = []
    pump.add(Output(quiet_end, lambda events: texts.extend(event.text for event in events)))

    for number in range(3):
        os.write(write_end, f"line {number}\n".encode())
        wait_until("the quiet line", lambda count=number + 1: len(texts) == count, within_s=10)  # type: ignore[misc]

    os.close(write_end)
    assert texts == ["line 0", "line 1", "line 2"]


def test_a_sink_that_fails_ends_nobody_elses_output() -> None:
    pump = OutputPump()
    ends = [os.pipe() for _ in range(2)]
    texts: list[str] = []

    def fail(_events: list[LogEvent]) -> None:
        raise RuntimeError("of our own making")

    for (read_end, _), sink in zip(ends, (fail, lambda events: texts.extend(e.text for e in events)), strict=True):
        os.set_blocking(read_end, False)
        pump.add(Output(read_end, sink))
    for _, write_end in ends:
        os.write(write_end, b"one\n")

    assert happens(lambda: texts == ["one"], within_s=10)


def _measure_splitting(data: bytes, piece: int) -> float:
    parser = OutputParser()
    started = time.process_time()
    for start in range(0, len(data), piece):
        parser.feed(data[start : start + piece])
    return time.process_time() - started


@pytest.mark.parametrize(
    ("unit", "piece"),
    [
        (b"x\n", 1 << 30),
        (b"\n", 1 << 30),
        (b"x" * 100, 1),  # a line that grows by a byte a time
        (b"\xa5\x5a", 1 << 30),  # what begins like a frame
        (b"\xa5\x5a\0\x0f\0\0\0\x01" + bytes(8) + b"y", 1 << 30),
        (b"\xa5\x5a\0\x0f\0\x0f\xff\xf0" + bytes(8) + b"y" * 0xFFFF0, 64),  # a frame that arrives in small pieces
    ],
    ids=["short-lines", "empty-lines", "growing-line", "half-magic", "frames", "long-frame-in-pieces"],
)
def test_splitting_takes_time_in_proportion_to_the_output(unit: bytes, piece: int) -> None:
    small, large = (unit * (size // len(unit) + 1) for size in (100_000, 1_600_000))
    at_least = max(_measure_splitting(small[:100_000], piece), 0.02)

    assert _measure_splitting(large[:1_600_000], piece) < at_least * 16 * 3


def test_a_record_beyond_the_limit_of_an_event_is_split_like_a_line() -> None:
    body = b"a" * QUARTER_MIB + b"b" * QUARTER_MIB + b"c"
    frame = b"\xa5\x5a\x00\x0f" + len(body).to_bytes(4, "big") + bytes(8) + body

    events = OutputParser().feed(frame + b"next\n")

    assert [(event.text[:1], len(event.text)) for event in events] == [
        ("a", QUARTER_MIB),
        ("b", QUARTER_MIB),
        ("c", 1),
        ("n", 4),
    ]


def test_half_a_record_waits_for_its_other_half_though_the_output_is_flushed() -> None:
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    texts: list[str] = []
    output = Output(read_end, lambda events: texts.extend(event.text for event in events))
    frame = b"\xa5\x5a\x00\x0f" + (6).to_bytes(4, "big") + bytes(8) + b"record"

    for half in (frame[:20], frame[20:]):
        os.write(write_end, half)
        output.flush()

    os.close(write_end)
    output.close()
    assert texts == ["record"]


def test_half_a_record_of_a_process_that_ended_is_kept_without_its_head() -> None:
    parser = OutputParser()
    parser.feed(b"\xa5\x5a\x00\x0f" + (6).to_bytes(4, "big") + bytes(8) + b"rec")

    assert [event.text for event in parser.finish()] == ["rec"]


def test_the_tail_is_what_lambda_returns_at_most_however_much_was_printed() -> None:
    tail = LogTail()
    for number in range(100_000):
        tail.add([LogEvent(0, f"line {number}")])
    tail.add([LogEvent(0, "é" * TAIL_BYTES), LogEvent(0, "END"), LogEvent(0, "REPORT")])

    text = tail.take()

    assert text.endswith("é\nEND\nREPORT\n")
    assert len(text.encode()) <= TAIL_BYTES
    assert tail.take() == ""


def test_the_tail_keeps_what_is_short_enough_whole() -> None:
    tail = LogTail()
    tail.add([LogEvent(0, "START"), LogEvent(0, "one")])

    assert tail.take() == "START\none\n"


def test_a_pipe_is_read_to_its_end_however_much_is_in_it(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_text("x\n" * 500_000)
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    counts: list[int] = []
    OutputPump().add(Output(read_end, lambda events: counts.append(len(events))))

    with subprocess.Popen(["cat", str(lines)], stdout=write_end):  # noqa: S607 - wherever it is
        os.close(write_end)

    wait_until("every line", lambda: sum(counts) == 500_000)


def test_events_that_cannot_be_written_in_time_take_bounded_memory_and_the_last_ones_are_kept() -> None:
    backlog: Backlog[str] = Backlog()
    for number in range(20):
        backlog.put("flood", [LogEvent(number, "x" * (BACKLOG_BYTES // 10))])
    backlog.put("flood", [LogEvent(20, "REPORT")])
    backlog.put("quiet", [LogEvent(1, "one"), LogEvent(2, "two")])

    taken = backlog.take()

    assert taken["quiet"] == [LogEvent(1, "one"), LogEvent(2, "two")]
    first, *kept = taken["flood"]
    assert first.text.startswith("11 log events are missing here")
    assert [event.timestamp for event in kept] == list(range(11, 21))
    assert backlog.take() == {}
