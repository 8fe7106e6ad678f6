"""The API of CloudFront Functions: their code and stages. `cloudfront/js` runs them."""

import re
import time
from typing import Any, Final

from localstack.aws.api import RequestContext

from thumbpipe_localstack.cloudfront.control import usage
from thumbpipe_localstack.cloudfront.control.errors import fault, invalid_argument, unsupported
from thumbpipe_localstack.cloudfront.control.ids import new_etag
from thumbpipe_localstack.cloudfront.control.paging import page
from thumbpipe_localstack.cloudfront.control.resources import Answer, Operation, as_time
from thumbpipe_localstack.cloudfront.control.versions import require_match
from thumbpipe_localstack.cloudfront.registry import store_of
from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Function

_MOST: Final = 100
_LARGEST_BYTES: Final = 10_240
_NAME: Final = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_DEVELOPMENT: Final = "DEVELOPMENT"
_LIVE: Final = "LIVE"


def _find(context: RequestContext, name: str) -> Function:
    found = store_of(context.account_id).functions.get(name)
    if found is None:
        raise fault("NoSuchFunctionExists", "The specified function does not exist.")
    return found


def _find_stage(context: RequestContext, request: dict[str, Any]) -> tuple[Function, str]:
    function, stage = _find(context, request["Name"]), request.get("Stage") or _DEVELOPMENT
    if stage == _LIVE and function.live_code is None:
        raise fault("NoSuchFunctionExists", "The specified function does not exist: it is not published.")
    return function, stage


def _status_of(store: CloudFrontStore, function: Function) -> str:
    if function.live_code is None:
        return "UNPUBLISHED"
    return "DEPLOYED" if usage.by_function(store, function.arn) else "UNASSOCIATED"


def _is_published(function: Function) -> bool:
    return function.live_code == function.code and function.live_config == function.config


def _view(store: CloudFrontStore, function: Function, stage: str) -> Answer:
    is_live = stage == _LIVE
    modified = function.live_modified if is_live and function.live_modified else function.modified
    status = _status_of(store, function) if is_live or _is_published(function) else "UNPUBLISHED"
    return {
        "Name": function.id,
        "Status": status,
        "FunctionConfig": function.live_config if is_live else function.config,
        "FunctionMetadata": {
            "FunctionARN": function.arn,
            "Stage": stage,
            "CreatedTime": as_time(function.created),
            "LastModifiedTime": as_time(modified),
        },
    }


def _etag_of(function: Function, stage: str) -> str:
    return function.live_etag if stage == _LIVE and function.live_etag else function.etag


def _read(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Validate a function's configuration and code, and return them."""
    config, code = {"Comment": "", **request["FunctionConfig"]}, request["FunctionCode"]
    if usage.items(config, "KeyValueStoreAssociations"):
        raise unsupported("key value stores (KeyValueStoreAssociations)")
    if len(code) > _LARGEST_BYTES:
        raise fault("FunctionSizeLimitExceeded", f"The function is too large: the maximum is {_LARGEST_BYTES} bytes.")
    if not code.strip():
        raise invalid_argument("The parameter FunctionCode is empty.")
    if error := _find_syntax_error(code, config["Runtime"]):
        raise invalid_argument(f"The function code is not valid: {error}")
    config.setdefault("KeyValueStoreAssociations", {"Quantity": 0})
    return config, code


def _find_syntax_error(code: bytes, runtime: str) -> str | None:
    # Imported here: only functions need the JavaScript engine.
    from thumbpipe_localstack.cloudfront.js.syntax import find_syntax_error  # noqa: PLC0415

    return find_syntax_error(code, runtime)


def _create(context: RequestContext, request: dict[str, Any]) -> Answer:
    store, name = store_of(context.account_id), request["Name"]
    if not _NAME.fullmatch(name):
        raise invalid_argument("The parameter Name contains an invalid value.")
    if name in store.functions:
        raise fault("FunctionAlreadyExists", "A function with the same name already exists in this account.")
    if len(store.functions) >= _MOST:
        raise fault("TooManyFunctions", f"You have reached the maximum number of functions: {_MOST}.")
    config, code = _read(request)
    now = time.time()
    function = Function(
        id=name,
        arn=f"arn:{context.partition}:cloudfront::{context.account_id}:function/{name}",
        etag=new_etag(),
        config=config,
        created=now,
        modified=now,
        code=code,
    )
    store.functions[name] = function
    location = f"https://cloudfront.amazonaws.com/2020-05-31/function/{function.arn}"
    return {"FunctionSummary": _view(store, function, _DEVELOPMENT), "Location": location, "ETag": function.etag}


def _update(context: RequestContext, request: dict[str, Any]) -> Answer:
    function = _find(context, request["Name"])
    require_match(function.etag, request.get("IfMatch"))
    function.config, function.code = _read(request)
    function.etag, function.modified = new_etag(), time.time()
    return {
        "FunctionSummary": _view(store_of(context.account_id), function, _DEVELOPMENT),
        "ETag": function.etag,
    }


def _publish(context: RequestContext, request: dict[str, Any]) -> Answer:
    function = _find(context, request["Name"])
    require_match(function.etag, request.get("IfMatch"))
    function.live_code, function.live_config = function.code, function.config
    function.live_etag, function.live_modified = new_etag(), time.time()
    return {"FunctionSummary": _view(store_of(context.account_id), function, _LIVE)}


def _describe(context: RequestContext, request: dict[str, Any]) -> Answer:
    function, stage = _find_stage(context, request)
    summary = _view(store_of(context.account_id), function, stage)
    return {"FunctionSummary": summary, "ETag": _etag_of(function, stage)}


def _get(context: RequestContext, request: dict[str, Any]) -> Answer:
    function, stage = _find_stage(context, request)
    code = function.live_code if stage == _LIVE else function.code
    return {"FunctionCode": code, "ETag": _etag_of(function, stage), "ContentType": "application/octet-stream"}


def _delete(context: RequestContext, request: dict[str, Any]) -> Answer:
    store, function = store_of(context.account_id), _find(context, request["Name"])
    require_match(function.etag, request.get("IfMatch"))
    if users := usage.by_function(store, function.arn):
        raise fault("FunctionInUse", f"The function is in use by {', '.join(usage.ids(users))}.")
    del store.functions[function.id]
    return {}


def _list(context: RequestContext, request: dict[str, Any]) -> Answer:
    store = store_of(context.account_id)
    wanted = [request["Stage"]] if request.get("Stage") else [_DEVELOPMENT, _LIVE]
    stages = [
        (function, stage)
        for function in store.functions.values()
        for stage in wanted
        if stage == _DEVELOPMENT or function.live_code is not None
    ]
    shown = page(stages, request, key=lambda each: f"{each[0].id}/{each[1]}", view=lambda each: _view(store, *each))
    return {"FunctionList": shown}


def _test(context: RequestContext, request: dict[str, Any]) -> Answer:
    from thumbpipe_localstack.cloudfront.js.trial import test_function  # noqa: PLC0415 - see above

    function, stage = _find_stage(context, request)
    require_match(_etag_of(function, stage), request.get("IfMatch"))
    summary = _view(store_of(context.account_id), function, stage)
    code = function.live_code if stage == _LIVE and function.live_code else function.code
    try:
        result = test_function(code, summary["FunctionConfig"]["Runtime"], request["EventObject"].decode())
    except ValueError as error:
        raise invalid_argument(f"The parameter EventObject is not valid: {error}") from error
    return {
        "TestResult": {
            "FunctionSummary": summary,
            "ComputeUtilization": str(result.utilization),
            "FunctionExecutionLogs": list(result.logs),
            "FunctionErrorMessage": result.error or "",
            "FunctionOutput": result.output,
        }
    }


OPERATIONS: Final[dict[str, Operation]] = {
    "CreateFunction": _create,
    "UpdateFunction": _update,
    "PublishFunction": _publish,
    "DescribeFunction": _describe,
    "GetFunction": _get,
    "DeleteFunction": _delete,
    "ListFunctions": _list,
    "TestFunction": _test,
}
