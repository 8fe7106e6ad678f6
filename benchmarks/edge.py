"""The edge of the embedded engine: a distribution's answers beside the same objects straight from the engine's S3.

    python benchmarks/edge.py http://127.0.0.1:4566 --pid <the engine's process>

It makes a bucket and a distribution of its own, measures cached objects and misses over 1 and 16 connections, then
the engine's memory over many requests, and prints a table. Both sides of a ratio are measured in turns, in short
rounds, so that what else the machine does falls on both. An engine that checks signatures is asked with the key in
ROOT_ACCESS_KEY_ID and ROOT_SECRET_ACCESS_KEY.
"""

import argparse
import http.client
import json
import os
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psutil
from rich.console import Console
from rich.table import Table

from thumbpipe_devkit.aws import Credentials, client

SIZE: Final = 20_000
CONNECTIONS: Final = (1, 16)
CACHING_OPTIMIZED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
OK: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is asked for.

    Attributes:
        distribution: The distribution's address, without a slash at its end.
        bucket: The bucket's address at the engine.
        key: An object that is in the cache once it was asked for.
        missing: Objects that the cache does not know yet; each is asked for once.
    """

    distribution: str
    bucket: str
    key: str
    missing: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Milliseconds of both sides, and their ratios beside the goal."""

    name: str
    connections: int
    edge_median_ms: float
    edge_p95_ms: float
    direct_median_ms: float
    direct_p95_ms: float
    goal: float

    @property
    def median_ratio(self) -> float:
        """The distribution's median beside that of S3."""
        return self.edge_median_ms / self.direct_median_ms

    @property
    def p95_ratio(self) -> float:
        """The same of the 95th percentiles."""
        return self.edge_p95_ms / self.direct_p95_ms

    @property
    def is_met(self) -> bool:
        """Whether both ratios are as good as the goal."""
        return max(self.median_ratio, self.p95_ratio) <= self.goal


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The engine's resident megabytes: once warm, then after equal parts of the requests."""

    requests: int
    megabytes: Sequence[float]

    @property
    def growth_mb(self) -> float:
        """What was added between the warm engine and the end."""
        return self.megabytes[-1] - self.megabytes[0]


class _Client(threading.local):
    """One kept connection for each thread and address."""

    def __init__(self) -> None:
        self._connections: dict[str, http.client.HTTPConnection] = {}

    def get(self, url: str) -> float:
        """Fetch a whole object; return the seconds it took.

        Raises:
            RuntimeError: The answer is not what was put there.
        """
        address = urlsplit(url)
        begin = time.perf_counter()
        connection = self._connections.get(address.netloc)
        if connection is None:
            # Names under .localhost are this machine, whatever its resolver says of them.
            connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=60)
            self._connections[address.netloc] = connection
        headers = {"Host": address.netloc, "User-Agent": "benchmark"}  # a firewall refuses whoever has no name
        connection.request("GET", address.path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != OK or len(body) != SIZE:
            raise RuntimeError(f"{url}: {answer.status}, {len(body)} bytes")
        return time.perf_counter() - begin


_client = _Client()


def _spans(pool: ThreadPoolExecutor, urls: Iterable[str]) -> list[float]:
    return [1000 * seconds for seconds in pool.map(_client.get, urls)]


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _compare(name: str, connections: int, rounds: Sequence[tuple[list[str], list[str]]], goal: float) -> Comparison:
    """Measure both sides in turns; who is first changes from turn to turn."""
    edge: list[float] = []
    direct: list[float] = []
    with ThreadPoolExecutor(connections) as pool:
        for number, (edge_urls, direct_urls) in enumerate(rounds):
            turns: list[Callable[[], None]] = [
                lambda urls=edge_urls: edge.extend(_spans(pool, urls)),  # type: ignore[misc]
                lambda urls=direct_urls: direct.extend(_spans(pool, urls)),  # type: ignore[misc]
            ]
            for turn in turns if number % 2 else reversed(turns):
                turn()
    return Comparison(
        name=name,
        connections=connections,
        edge_median_ms=statistics.median(edge),
        edge_p95_ms=_p95(edge),
        direct_median_ms=statistics.median(direct),
        direct_p95_ms=_p95(direct),
        goal=goal,
    )


def _round_size(connections: int) -> int:
    """Return how many requests one side has before the other has its turn: few, so that both meet the same machine."""
    return 5 if connections == 1 else 3 * connections


def compare_hits(scene: Scene, connections: int, requests: int) -> Comparison:
    """Compare a cached object with the same object straight from S3."""
    each = _round_size(connections)
    urls = ([f"{scene.distribution}/{scene.key}"] * each, [f"{scene.bucket}/{scene.key}"] * each)
    with ThreadPoolExecutor(connections) as pool:
        _spans(pool, (*urls[0][:connections], *urls[1][:connections]))  # the cache and the connections are warm now
    return _compare("cached", connections, [urls] * (requests // each), 1.0)


def compare_misses(scene: Scene, connections: int, keys: Sequence[str]) -> Comparison:
    """Compare objects that the cache does not know with the same objects straight from S3."""
    each = _round_size(connections)
    parts = [keys[start : start + each] for start in range(0, len(keys) - each + 1, each)]
    rounds = [
        ([f"{scene.distribution}/{key}" for key in part], [f"{scene.bucket}/{key}" for key in part]) for part in parts
    ]
    return _compare("miss", connections, rounds, 1.5)


def watch_memory(scene: Scene, requests: int, pid: int, parts: int = 10) -> Memory:
    """Return the engine's memory over so many requests for a cached object."""
    process = psutil.Process(pid)
    url = f"{scene.distribution}/{scene.key}"
    megabytes = []
    with ThreadPoolExecutor(max(CONNECTIONS)) as pool:
        _spans(pool, [url] * (requests // parts))
        megabytes.append(process.memory_info().rss / 1e6)
        for _ in range(parts - 1):
            _spans(pool, [url] * (requests // parts))
            megabytes.append(process.memory_info().rss / 1e6)
    return Memory(requests=requests, megabytes=megabytes)


def measure(scene: Scene, *, requests: int) -> list[Comparison]:
    """Measure hits and misses over each number of connections."""
    share = len(scene.missing) // len(CONNECTIONS)
    comparisons = []
    for number, connections in enumerate(CONNECTIONS):
        comparisons.append(compare_hits(scene, connections, requests))
        comparisons.append(compare_misses(scene, connections, scene.missing[number * share : (number + 1) * share]))
    return comparisons


def _policy(bucket: str, distribution_arn: str) -> str:
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    by_distribution = {
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Condition": {"StringEquals": {"AWS:SourceArn": distribution_arn}},
    }
    # Where IAM is enforced, S3 itself answers nobody's request by this alone; a signature would cost it time.
    statements = [read | by_distribution, read | {"Principal": "*"}]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _configuration(bucket: str, access_control: str) -> dict[str, Any]:
    origin = {
        "Id": "bucket",
        "DomainName": f"{bucket}.s3.us-east-1.amazonaws.com",
        "OriginAccessControlId": access_control,
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    behaviour = {
        "TargetOriginId": "bucket",
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": CACHING_OPTIMIZED,
        "Compress": True,
    }
    return {
        "CallerReference": bucket,
        "Comment": "benchmark",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour,
    }


@contextmanager
def prepared_scene(engine_url: str, key: Credentials, misses: int) -> Iterator[Scene]:
    """Make a bucket with objects and a distribution before it, and take both away afterwards."""
    s3, cloudfront = (client(service, engine_url, "us-east-1", key) for service in ("s3", "cloudfront"))
    bucket = f"bench-{uuid.uuid4().hex[:12]}"
    names = ["cached.jpg", *(f"miss/{number}.jpg" for number in range(misses))]
    s3.create_bucket(Bucket=bucket)
    options = {"ContentType": "image/jpeg", "CacheControl": "public, max-age=31536000, immutable"}
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=os.urandom(SIZE), **options)
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": bucket,
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )
    control_id = control["OriginAccessControl"]["Id"]
    made = cloudfront.create_distribution(DistributionConfig=_configuration(bucket, control_id))["Distribution"]
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=_policy(bucket, made["ARN"]))
    port = urlsplit(engine_url).port
    try:
        yield Scene(
            distribution=f"http://{made['Id'].lower()}.cloudfront.localhost:{port}",
            bucket=f"{engine_url}/{bucket}",
            key=names[0],
            missing=names[1:],
        )
    finally:
        _delete_distribution(cloudfront, made["Id"])
        cloudfront.delete_origin_access_control(Id=control_id, IfMatch=control["ETag"])
        for name in names:
            s3.delete_object(Bucket=bucket, Key=name)
        s3.delete_bucket(Bucket=bucket)


def _delete_distribution(cloudfront: Any, distribution_id: str) -> None:  # noqa: ANN401 - boto3's clients
    found = cloudfront.get_distribution_config(Id=distribution_id)
    config = found["DistributionConfig"] | {"Enabled": False}
    updated = cloudfront.update_distribution(Id=distribution_id, IfMatch=found["ETag"], DistributionConfig=config)
    cloudfront.get_waiter("distribution_deployed").wait(Id=distribution_id, WaiterConfig={"Delay": 1})
    cloudfront.delete_distribution(Id=distribution_id, IfMatch=updated["ETag"])


def as_table(comparisons: Sequence[Comparison], memory: Memory | None) -> Table:
    """Return the results as a table."""
    table = Table("what", "connections", "edge, ms", "S3, ms", "ratio", "goal", "", title="The edge, median / p95")
    for each in comparisons:
        table.add_row(
            each.name,
            str(each.connections),
            f"{each.edge_median_ms:.2f} / {each.edge_p95_ms:.2f}",
            f"{each.direct_median_ms:.2f} / {each.direct_p95_ms:.2f}",
            f"{each.median_ratio:.2f} / {each.p95_ratio:.2f}",
            f"≤ {each.goal:g}",
            "✓" if each.is_met else "✗",
        )
    if memory is not None:
        first, last = memory.megabytes[0], memory.megabytes[-1]
        table.add_row(f"memory over {memory.requests:,} requests", "16", f"{first:.0f} → {last:.0f} MB", "", "", "", "")
    return table


def as_json(comparisons: Sequence[Comparison], memory: Memory | None) -> dict[str, Any]:
    """Return the results as what JSON can hold, the ratios included."""
    ratios = ((each, {"median_ratio": each.median_ratio, "p95_ratio": each.p95_ratio}) for each in comparisons)
    found: dict[str, Any] = {"comparisons": [asdict(each) | extra for each, extra in ratios]}
    return found | ({"memory": asdict(memory) | {"growth_mb": memory.growth_mb}} if memory else {})


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", help="the engine's address")
    parser.add_argument("--pid", type=int, help="the engine's process, for its memory")
    parser.add_argument("--requests", type=int, default=2000, help="for each side of a comparison")
    parser.add_argument("--misses", type=int, default=800, help="objects that are asked for once")
    parser.add_argument("--memory-requests", type=int, default=100_000)
    parser.add_argument("--json", type=Path, help="where to write the results")
    arguments = parser.parse_args()
    with prepared_scene(arguments.engine, Credentials.of_endpoint(), arguments.misses) as scene:
        comparisons = measure(scene, requests=arguments.requests)
        memory = watch_memory(scene, arguments.memory_requests, arguments.pid) if arguments.pid else None
    Console().print(as_table(comparisons, memory))
    if arguments.json:
        arguments.json.write_text(json.dumps(as_json(comparisons, memory), indent=2) + "\n")


if __name__ == "__main__":
    main()
