"""Run by the engine's Python: print the routes that LocalStack has, all services loaded, and who may use each.

A program of its own, since the routes are objects of the process that serves them.
"""

import json
import os
import sys

from localstack import constants
from localstack.runtime import current

os.environ[constants.LOCALSTACK_INFRA_PROCESS] = "1"
runtime = current.initialize_runtime()
runtime.config.dirs.mkdirs()
runtime._on_starting()  # noqa: SLF001 - the hooks, as `run` calls them before it serves

from localstack.services.edge import ROUTER  # noqa: E402 - after the hooks
from localstack.services.internal import get_internal_apis  # noqa: E402
from localstack.services.lambda_.invocation.executor_endpoint import executor_router  # noqa: E402
from localstack.services.plugins import SERVICE_PLUGINS  # noqa: E402

from thumbpipe_localstack.signatures.routes import classify  # noqa: E402

for name in sorted(SERVICE_PLUGINS.list_available()):
    try:
        SERVICE_PLUGINS.require(name)
    except Exception as error:  # noqa: BLE001 - a service that cannot be loaded here has no routes either
        sys.stderr.write(f"{name}: {error}\n")
executor_router()

for router in (ROUTER, get_internal_apis()):
    for rule in router.url_map.iter_rules():
        access = classify(rule.rule, rule.host)
        told = {"path": rule.rule, "host": rule.host, "access": access.value if access else None}
        sys.stdout.write(f"{json.dumps(told)}\n")
sys.stdout.flush()
os._exit(0)  # LocalStack's threads are of no use any more
