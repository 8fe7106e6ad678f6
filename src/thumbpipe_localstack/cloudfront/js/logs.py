"""Writes what functions log to CloudFront's log groups in us-east-1."""

import time
from typing import TYPE_CHECKING

from thumbpipe_localstack.cloudfront.js.engine import Run
from thumbpipe_localstack.cloudfront.telemetry.log_groups import LogLine, put

if TYPE_CHECKING:  # the store imports LocalStack, which this module does not need
    from thumbpipe_localstack.cloudfront.store import Distribution, Function


def log_run(function: "Function", distribution: "Distribution", request_id: str, run: Run) -> None:
    """Write a run's logs and error; without either nothing is written, as on AWS."""
    if not run.logs and run.error is None:
        return
    texts = [f"START DistributionID: {distribution.id}", *run.logs]
    if run.error is not None:
        texts.append(f"ERROR: {run.error}")
    now = time.time()
    stream = f"{distribution.id}/{time.strftime('%Y/%m/%d', time.gmtime(now))}"
    for text in [*texts, "END"]:
        put(
            LogLine(
                account_id=distribution.account_id,
                group=f"/aws/cloudfront/function/{function.id}",
                stream=stream,
                timestamp=int(now * 1000),
                message=f"{request_id} {text}",
            )
        )
