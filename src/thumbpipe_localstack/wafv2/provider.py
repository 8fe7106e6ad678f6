"""WAFv2 as a LocalStack service, which is always on. moto stores its resources, in LocalStack's state."""

import functools

from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.plugins import PLUGIN_NAMESPACE, Service, ServiceLifecycleHook, ServicePluginAdapter
from moto.wafv2 import models
from moto.wafv2.utils import make_arn
from plux import PluginSpec

from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.control.table import make_table


class _Lifecycle(ServiceLifecycleHook):  # type: ignore[misc] # LocalStack carries no types
    """Makes compiled web ACLs stale when the state is replaced."""

    def on_after_state_reset(self) -> None:
        state.changed()

    def on_after_state_load(self) -> None:
        state.changed()


def _create() -> Service:
    # moto gives regex pattern sets of scope CLOUDFRONT a regional ARN, for which it finds no tags.
    vars(models)["make_arn_for_regex_pattern_set"] = functools.partial(make_arn, resource="regexpatternset")
    model = load_service("wafv2")
    return Service(
        name="wafv2", skeleton=Skeleton(model, make_table(model.operation_names)), lifecycle_hook=_Lifecycle()
    )


def _create_plugin() -> ServicePluginAdapter:
    return ServicePluginAdapter("wafv2", _create)


wafv2_default = PluginSpec(PLUGIN_NAMESPACE, "wafv2:default", factory=_create_plugin)
