"""Routing of `TagResource` and `UntagResource` of CloudFront.

They differ only in `?Operation=Tag` and `?Operation=Untag`. LocalStack keeps the expected value in an iterator, which
the first request exhausts: all later requests are routed to `TagResource`.
"""

from collections.abc import Callable
from typing import Any

from localstack.aws.protocol.op_router import _HttpOperation
from localstack.runtime import hooks


@hooks.on_infra_start()  # type: ignore[untyped-decorator]
def tell_operations_apart() -> None:
    """Keep the expected values of CloudFront's operations in lists."""
    read: Callable[[Any], Any] = _HttpOperation.from_operation

    def read_values(operation: Any) -> Any:  # noqa: ANN401 - LocalStack ships no types
        found = read(operation)
        if operation.service_model.service_name != "cloudfront":
            return found
        return found._replace(query_args={name: list(values) for name, values in found.query_args.items()})

    _HttpOperation.from_operation = staticmethod(read_values)
