"""What functions log, in CloudFront's log groups of us-east-1."""

import time
from typing import TYPE_CHECKING

from thumbpipe_localstack.cloudfront.js.engine import Run
from thumbpipe_localstack.cloudfront.telemetry.log_groups import LogLine, put

if TYPE_CHECKING:  # LocalStack is in the store, and what is pure here is to be of use without it
    from thumbpipe_localstack.cloudfront.store import Distribution, Function


def log_run(function: "Function", distribution: "Distribution", request_id: str, run: Run) -> None:
    """Log what a function said, and why it failed; a run that has neither leaves nothing, as on AWS."""
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
