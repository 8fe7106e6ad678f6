"""Which operation a request to CloudFront's API means, where only a query parameter's value tells.

`TagResource` and `UntagResource` differ in `?Operation=Tag` and `?Operation=Untag`. LocalStack keeps the value to look
for in an iterator, which is used up by the first request: every later one is taken for `TagResource`.
"""

from collections.abc import Callable
from typing import Any

from localstack.aws.protocol.op_router import _HttpOperation
from localstack.runtime import hooks


@hooks.on_infra_start()  # type: ignore[untyped-decorator]
def tell_operations_apart() -> None:
    """Have the values of CloudFront's operations kept in lists."""
    read: Callable[[Any], Any] = _HttpOperation.from_operation

    def read_values(operation: Any) -> Any:  # noqa: ANN401 - LocalStack ships no types
        found = read(operation)
        if operation.service_model.service_name != "cloudfront":
            return found
        return found._replace(query_args={name: list(values) for name, values in found.query_args.items()})

    _HttpOperation.from_operation = staticmethod(read_values)
