"""WAF's state, inside a Python that has LocalStack: visited, saved, reset and loaded with LocalStack's own."""

import subprocess
from pathlib import Path
from typing import Final

CODE: Final = """
import time
from localstack.state import pickle
from localstack.state.inspect import ServiceBackendCollectorVisitor
from moto.wafv2.models import wafv2_backends
from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.provider import _create_plugin
from thumbpipe_localstack.wafv2.verdict import WebRequest, judge

shown = {"MetricName": "m", "CloudWatchMetricsEnabled": False, "SampledRequestsEnabled": False}
backend = wafv2_backends["000000000000"]["us-east-1"]
acl = backend.create_web_acl("a", shown, {"Block": {}}, "REGIONAL", "", [], [], None, None, None, None, None)
request = WebRequest(
    source_ip="192.0.2.1", method="GET", uri_path="/", query_string="", headers=[], body=b"", http_version="HTTP/1.1",
    received_at=time.time(), country=None, source_name="CF", source_id="E1",
)
state.changed()
assert not judge(acl.arn, request).allowed

service = _create_plugin().create_service()
collector = ServiceBackendCollectorVisitor()
service.accept_state_visitor(collector)
assert collector.collect()["moto"] is wafv2_backends

saved = pickle.dumps(backend.wacls)
backend.reset()
service.lifecycle_hook.on_after_state_reset()
assert judge(acl.arn, request).allowed

wafv2_backends["000000000000"]["us-east-1"].wacls = pickle.loads(saved)
service.lifecycle_hook.on_after_state_load()
assert not judge(acl.arn, request).allowed
"""


def test_verdicts_follow_the_state_when_it_is_reset_and_loaded(engine_python: Path) -> None:
    ran = subprocess.run([engine_python, "-c", CODE], capture_output=True, text=True, check=False, timeout=120)

    assert ran.returncode == 0, ran.stderr
