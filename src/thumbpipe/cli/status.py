"""`thumbpipe status`."""

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Final

import typer

from thumbpipe.cli.api import ApiClient
from thumbpipe.cli.errors import UserError, explained
from thumbpipe.cli.location import RunningStack, find_api, running_stack
from thumbpipe.cli.options import ApiOption, JsonOption
from thumbpipe.cli.output import print_json, print_table

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

TIMEOUT_SECONDS: Final = 5
WAITING: Final = "ApproximateNumberOfMessages"
IN_FLIGHT: Final = "ApproximateNumberOfMessagesNotVisible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """The number of messages in a queue."""

    waiting: int
    in_flight: int


@explained
def status(
    *,
    api: ApiOption = None,
    queue_url: Annotated[str | None, typer.Option(metavar="URL", help="The queue of photos to process.")] = None,
    dead_letter_queue_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The queue of photos that could not be processed.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether the API answers, and how many photos are queued.

    Ends with status 1 if something does not answer.
    """
    # The running stack's queues are those of its own API only.
    stack = None if api else running_stack()
    queues = {
        "queue": queue_url or (stack and stack.queue_url),
        "dead_letter_queue": dead_letter_queue_url or (stack and stack.dead_letter_queue_url),
    }
    url = find_api(api)
    elapsed_ms, error = _ask_api(url)
    depths, errors = _ask_queues({name: queue for name, queue in queues.items() if queue}, stack)
    if as_json:
        answer: dict[str, object] = {
            "api": {"url": url, "reachable": not error, "elapsed_ms": elapsed_ms, "error": error}
        }
        answer |= {name: asdict(depths[name]) if name in depths else None for name in queues}
        answer["errors"] = errors
        print_json(answer, indent=2)
    else:
        rows = [("API", url), ("answers", error or f"yes, in {elapsed_ms:.0f} ms")]
        rows += [(name.replace("_", " "), _say(depths.get(name), errors.get(name))) for name in queues]
        print_table(("What", "State"), rows)
    if error or errors:
        raise typer.Exit(1)


def _ask_api(url: str) -> tuple[float, str | None]:
    started = time.perf_counter()
    message = None
    try:
        with ApiClient(url) as client:
            client.page(limit=1)
    except UserError as error:
        message = str(error)
    return round((time.perf_counter() - started) * 1000, 1), message


def _ask_queues(urls: dict[str, str], stack: RunningStack | None) -> tuple[dict[str, Depth], dict[str, str]]:
    """Get the queues' depths.

    Returns:
        The depths and the errors, by the queue's name.
    """
    # Imported here: it takes longer than most commands.
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above

    depths, errors = {}, {}
    for name, url in urls.items():
        try:
            depths[name] = _depth(_sqs(stack), url)
        except (BotoCoreError, ClientError, ValueError) as error:
            errors[name] = str(error)
    return depths, errors


def _sqs(stack: RunningStack | None) -> "SQSClient":
    import boto3  # noqa: PLC0415 - as above
    from botocore.config import Config  # noqa: PLC0415 - see above

    config = Config(connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 2})
    if stack and stack.endpoint_url:
        return boto3.client(
            "sqs",
            endpoint_url=stack.endpoint_url,
            region_name=stack.region,
            # The engine's own key: the user's is for AWS.
            aws_access_key_id=stack.access_key_id,
            aws_secret_access_key=stack.secret_access_key,
            config=config,
        )
    return boto3.client("sqs", config=config)


def _depth(client: "SQSClient", url: str) -> Depth:
    answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=[WAITING, IN_FLIGHT])["Attributes"]
    return Depth(waiting=int(answer[WAITING]), in_flight=int(answer[IN_FLIGHT]))


def _say(depth: Depth | None, error: str | None) -> str:
    if depth:
        return f"{depth.waiting} waiting, {depth.in_flight} in flight"
    return error or "unknown; pass its URL as an option"
