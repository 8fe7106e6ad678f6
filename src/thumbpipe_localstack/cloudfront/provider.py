"""CloudFront as a LocalStack service, which is always on."""

from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.plugins import PLUGIN_NAMESPACE, Service, ServiceLifecycleHook, ServicePluginAdapter
from localstack.state import StateVisitor
from plux import PluginSpec

from thumbpipe_localstack.cloudfront import registry
from thumbpipe_localstack.cloudfront.control.table import make_table
from thumbpipe_localstack.cloudfront.store import cloudfront_stores


class _Lifecycle(ServiceLifecycleHook):  # type: ignore[misc] # LocalStack carries no types
    """Notifies the data plane when the state is replaced."""

    def on_after_state_reset(self) -> None:
        registry.changed()

    def on_after_state_load(self) -> None:
        registry.changed()


class _CloudFront(Service):  # type: ignore[misc] # LocalStack carries no types
    def accept_state_visitor(self, visitor: StateVisitor) -> None:
        """Include the store when state is saved, loaded and reset: LocalStack finds stores in its own packages only."""
        visitor.visit(cloudfront_stores)


def _create() -> Service:
    skeleton = Skeleton(load_service("cloudfront"), make_table())
    return _CloudFront(name="cloudfront", skeleton=skeleton, lifecycle_hook=_Lifecycle())


def _create_plugin() -> ServicePluginAdapter:
    return ServicePluginAdapter("cloudfront", _create)


cloudfront_default = PluginSpec(PLUGIN_NAMESPACE, "cloudfront:default", factory=_create_plugin)
