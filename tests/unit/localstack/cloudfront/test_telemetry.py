"""Access log lines and metrics without an engine."""

import json
import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.telemetry.access_logs import name_folder
from thumbpipe_localstack.cloudfront.telemetry.background import Background, Outlet
from thumbpipe_localstack.cloudfront.telemetry.deliveries import Delivery
from thumbpipe_localstack.cloudfront.telemetry.log_fields import STANDARD, fields_of
from thumbpipe_localstack.cloudfront.telemetry.log_formats import to_file, to_legacy_line, to_line
from thumbpipe_localstack.cloudfront.telemetry.metrics import collect, to_data
from thumbpipe_localstack.cloudfront.telemetry.served_request import Exchange

DISTRIBUTION: Final[Any] = SimpleNamespace(id="E1", domain_name="e1.cloudfront.localhost", account_id="000000000000")
NOW: Final = 1_700_000_000.5


def exchange(**changes: Any) -> Exchange:  # noqa: ANN401 - of each kind of value that there is
    values: dict[str, Any] = {
        "distribution": DISTRIBUTION,
        "method": "GET",
        "scheme": "https",
        "authority": "photos.example:4566",
        "path": "/a%20b.jpg",
        "query": "size=1",
        "headers": Headers(
            [("Host", "photos.example:4566"), ("User-Agent", "Mozilla/5.0 (X11; Linux)"), ("Cookie", "a=b; c=d")]
        ),
        "client_ip": "192.0.2.7",
        "http_version": "HTTP/1.1",
        "request_id": "rid==",
        "status": 200,
        "answer_headers": Headers([("Content-Type", "image/jpeg"), ("Content-Length", "5")]),
        "received_body": 0,
        "sent_body": 5,
        "started": NOW - 0.25,
        "ended": NOW,
        "result": "Hit",
    }
    return Exchange(**(values | changes))


def test_a_request_has_the_fields_of_cloudfront() -> None:
    fields = fields_of(exchange())

    assert {name: fields[name] for name in STANDARD} == {
        "date": "2023-11-14",
        "time": "22:13:20",
        "x-edge-location": "LOCAL50-P1",
        "sc-bytes": str(len("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 5\r\n\r\n") + 5),
        "c-ip": "192.0.2.7",
        "cs-method": "GET",
        "cs(Host)": "e1.cloudfront.localhost",
        "cs-uri-stem": "/a%20b.jpg",
        "sc-status": "200",
        "cs(Referer)": "-",
        "cs(User-Agent)": "Mozilla/5.0%20(X11;%20Linux)",
        "cs-uri-query": "size=1",
        "cs(Cookie)": "a=b;%20c=d",
        "x-edge-result-type": "Hit",
        "x-edge-request-id": "rid==",
        "x-host-header": "photos.example:4566",
        "cs-protocol": "https",
        "cs-bytes": str(
            len(
                "GET /a%20b.jpg?size=1 HTTP/1.1\r\nHost: photos.example:4566\r\n"
                "User-Agent: Mozilla/5.0 (X11; Linux)\r\nCookie: a=b; c=d\r\n\r\n"
            )
        ),
        "time-taken": "0.250",
        "x-forwarded-for": "-",
        "ssl-protocol": "-",
        "ssl-cipher": "-",
        "x-edge-response-result-type": "Hit",
        "cs-protocol-version": "HTTP/1.1",
        "fle-status": "-",
        "fle-encrypted-fields": "-",
        "c-port": "-",
        "time-to-first-byte": "0.250",
        "x-edge-detailed-result-type": "Hit",
        "sc-content-type": "image/jpeg",
        "sc-content-len": "5",
        "sc-range-start": "-",
        "sc-range-end": "-",
    }
    assert fields["timestamp(ms)"] == "1700000000500"
    assert fields["DistributionId"] == "E1"


def test_a_partial_response_is_logged_with_its_range() -> None:
    fields = fields_of(exchange(status=206, answer_headers=Headers([("Content-Range", "bytes 10-19/100")])))

    assert (fields["sc-range-start"], fields["sc-range-end"]) == ("10", "19")


@given(st.text(), st.text(), st.text(st.characters(exclude_characters="\r\n")))
def test_whatever_a_viewer_sends_a_line_stays_a_line_of_33_fields(path: str, query: str, value: str) -> None:
    headers = Headers([("User-Agent", value), ("Referer", value), ("Cookie", value), ("X-Forwarded-For", value)])

    line = to_legacy_line(fields_of(exchange(path=path, query=query, headers=headers)), with_cookies=True)

    assert len(line.split("\t")) == len(STANDARD)
    assert line.isascii()
    assert line.isprintable() or "\t" in line
    assert not set(line) & {"\n", "\r", " "}
    assert all(line.split("\t"))


def test_json_lines_have_the_chosen_fields_in_their_order() -> None:
    line = to_line(fields_of(exchange()), ["sc-status", "cs-method", "unheard-of"], "json")

    assert line == '{"sc-status":"200","cs-method":"GET","unheard-of":"-"}'
    assert list(json.loads(line)) == ["sc-status", "cs-method", "unheard-of"]


def test_plain_lines_have_their_delimiter_and_w3c_files_their_head() -> None:
    names = ["sc-status", "cs-method"]
    plain, w3c = to_line(fields_of(exchange()), names, "plain", ","), to_line(fields_of(exchange()), names, "w3c")

    assert to_file([plain, plain], names, "plain") == b"200,GET\n200,GET\n"
    assert to_file([w3c], names, "w3c") == b"#Version: 1.0\n#Fields: sc-status cs-method\n200\tGET\n"


def test_legacy_lines_have_cookies_only_if_they_are_wanted() -> None:
    fields = fields_of(exchange())

    assert "a=b" in to_legacy_line(fields, with_cookies=True)
    assert "a=b" not in to_legacy_line(fields, with_cookies=False)


@pytest.mark.parametrize(
    ("suffix", "hive", "folder"),
    [
        ("", False, "AWSLogs/000000000000/CloudFront"),
        ("{DistributionId}/{yyyy}/{MM}/{dd}/{HH}", False, "E1/2023/11/14/22"),
        ("x/{yyyy}/{MM}", True, "x/yyyy=2023/MM=11"),
        ("{unknown}", False, "{unknown}"),
    ],
)
# pytest passes what is parametrized by its name.
def test_a_suffix_path_is_filled_in(suffix: str, hive: bool, folder: str) -> None:  # noqa: FBT001
    delivery = Delivery(
        kind="S3", destination="", output_format="json", names=(), delimiter="\t", suffix=suffix, hive=hive
    )

    assert name_folder(DISTRIBUTION, delivery, int(NOW)) == folder


def test_metrics_are_summed_by_minute() -> None:
    requests = [
        exchange(sent_body=100),
        exchange(status=404, sent_body=0),
        exchange(status=503, sent_body=0),
        exchange(method="POST", received_body=7),
        exchange(ended=NOW + 60),
    ]

    minutes = collect(requests)

    assert set(minutes) == {("000000000000", "E1", 1_699_999_980), ("000000000000", "E1", 1_700_000_040)}
    data = {
        each["MetricName"]: each["StatisticValues"]
        for each in to_data("E1", 0, minutes["000000000000", "E1", 1_699_999_980].sums)
    }
    assert data["Requests"] == {"SampleCount": 4, "Sum": 4.0, "Minimum": 1.0, "Maximum": 1.0}
    assert data["4xxErrorRate"] == {"SampleCount": 4, "Sum": 100.0, "Minimum": 0.0, "Maximum": 100.0}
    assert data["5xxErrorRate"]["Sum"] == 100.0
    assert data["TotalErrorRate"]["Sum"] == 200.0
    assert data["BytesUploaded"]["Sum"] == 7.0
    assert data["BytesDownloaded"]["Sum"] == sum(each.sent_bytes for each in requests[:3])


def test_queued_items_are_written_in_batches_in_order() -> None:
    written: list[list[int]] = []
    done = threading.Event()

    def write(batch: Sequence[int]) -> None:
        written.append(list(batch))
        if batch[-1] == 99:
            done.set()

    outlet = Outlet(Background(seconds=0.05), write)
    for number in range(100):
        outlet.put(number)

    assert done.wait(10)
    assert [number for batch in written for number in batch] == list(range(100))
    assert len(written) < 10


def test_a_failed_write_does_not_prevent_the_others() -> None:
    background = Background(seconds=60)
    written: list[int] = []

    def fail(_batch: Sequence[int]) -> None:
        raise ConnectionError

    failing, working = Outlet(background, fail), Outlet(background, written.extend)
    failing.put(1)
    working.put(2)
    background.flush()
    working.put(3)
    background.flush()

    assert written == [2, 3]


def test_what_is_held_is_bounded() -> None:
    written: list[int] = []
    background = Background(seconds=60)
    outlet = Outlet(background, written.extend)

    for number in range(30_000):
        outlet.put(number)
    background.flush()

    assert written == list(range(10_000, 30_000)), "the oldest is dropped"
