"""Saved queries of CloudWatch Logs Insights (`PutQueryDefinition` etc.), which LocalStack and moto lack."""

import re
import time
import uuid
from typing import Any, Final

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.logs import (
    InvalidParameterException,
    LimitExceededException,
    LogsApi,
    ResourceNotFoundException,
)
from localstack.runtime import hooks
from localstack.services.stores import LOCAL_ATTR_PREFIX

_MOST: Final = 1000
_LONGEST_NAME: Final = 255
_LONGEST_QUERY: Final = 10_000
_MOST_GROUPS: Final = 50
_NAME: Final = re.compile(r"([^:*/]+/?)*[^:*/]+")
_LANGUAGES: Final = {"CWLI", "SQL", "PPL"}

# Attributes with this prefix are reset, saved and loaded with their store.
_ATTRIBUTE: Final = f"{LOCAL_ATTR_PREFIX}query_definitions"
_TOKENS: Final = f"{LOCAL_ATTR_PREFIX}query_definition_tokens"


@hooks.on_infra_start()  # type: ignore[untyped-decorator]
def keep_query_definitions() -> None:
    """Implement the three operations, of which LocalStack's API has only stubs."""
    LogsApi.put_query_definition = put_query_definition
    LogsApi.describe_query_definitions = describe_query_definitions
    LogsApi.delete_query_definition = delete_query_definition


def _find(context: RequestContext, attribute: str = _ATTRIBUTE) -> dict[str, Any]:
    """Return what is stored for the caller's account and region."""
    # Imported here: it loads moto's CloudWatch Logs, which takes time.
    from localstack.services.logs.models import logs_stores  # noqa: PLC0415

    kept: dict[str, Any] = logs_stores[context.account_id][context.region].__dict__.setdefault(attribute, {})
    return kept


def _check(request: dict[str, Any]) -> None:
    name, query = request.get("name") or "", request.get("queryString") or ""
    if not 1 <= len(name) <= _LONGEST_NAME or not _NAME.fullmatch(name):
        raise InvalidParameterException(f"1 validation error detected: Value '{name}' at 'name' is not valid")
    if not 1 <= len(query) <= _LONGEST_QUERY:
        raise InvalidParameterException(f"queryString must have from 1 to {_LONGEST_QUERY} characters")
    if request.get("queryLanguage", "CWLI") not in _LANGUAGES:
        raise InvalidParameterException(f"queryLanguage must be one of {', '.join(sorted(_LANGUAGES))}")
    if len(request.get("logGroupNames") or []) > _MOST_GROUPS:
        raise InvalidParameterException(f"logGroupNames can have at most {_MOST_GROUPS} items")


@handler("PutQueryDefinition", expand=False)  # type: ignore[untyped-decorator]
def put_query_definition(_api: LogsApi, context: RequestContext, request: dict[str, Any]) -> dict[str, Any]:
    """Create or update a saved query."""
    _check(request)
    kept, tokens = _find(context), _find(context, _TOKENS)
    token, definition_id = request.get("clientToken") or "", request.get("queryDefinitionId")
    if definition_id is None and tokens.get(token) in kept:
        return {"queryDefinitionId": tokens[token]}
    if definition_id is not None and definition_id not in kept:
        raise ResourceNotFoundException("The specified query definition does not exist.")
    if definition_id is None and len(kept) >= _MOST:
        raise LimitExceededException("Resource limit exceeded.")
    definition_id = definition_id or str(uuid.uuid4())
    kept[definition_id] = {
        "queryLanguage": request.get("queryLanguage", "CWLI"),
        "queryDefinitionId": definition_id,
        "name": request["name"],
        "queryString": request["queryString"],
        "lastModified": int(time.time() * 1000),
        "logGroupNames": request.get("logGroupNames") or [],
    }
    if token:
        tokens[token] = definition_id
    return {"queryDefinitionId": definition_id}


@handler("DescribeQueryDefinitions", expand=False)  # type: ignore[untyped-decorator]
def describe_query_definitions(_api: LogsApi, context: RequestContext, request: dict[str, Any]) -> dict[str, Any]:
    """List saved queries."""
    prefix, language = request.get("queryDefinitionNamePrefix") or "", request.get("queryLanguage")
    most, token = request.get("maxResults") or _MOST, request.get("nextToken")
    if not 1 <= most <= _MOST:
        raise InvalidParameterException(f"maxResults must be from 1 to {_MOST}")
    found = [
        definition
        for _, definition in sorted(_find(context).items())
        if definition["name"].startswith(prefix) and language in {None, definition["queryLanguage"]}
    ]
    if token is not None:
        found = [definition for definition in found if definition["queryDefinitionId"] >= token]
    answer: dict[str, Any] = {"queryDefinitions": found[:most]}
    return answer | ({"nextToken": found[most]["queryDefinitionId"]} if len(found) > most else {})


@handler("DeleteQueryDefinition", expand=False)  # type: ignore[untyped-decorator]
def delete_query_definition(_api: LogsApi, context: RequestContext, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a saved query."""
    if _find(context).pop(request["queryDefinitionId"], None) is None:
        raise ResourceNotFoundException("The specified query definition does not exist.")
    return {"success": True}
