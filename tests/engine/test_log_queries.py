"""Saved queries of CloudWatch Logs Insights by boto3."""

import uuid
from typing import Any

import pytest

from support.distributions import make_name, refused
from support.plugin_engine import Engine


@pytest.fixture(scope="module")
def logs(engine: Engine) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    return engine.client("logs")


def find(logs: Any, name: str) -> list[dict[str, Any]]:  # noqa: ANN401
    found: list[dict[str, Any]] = logs.describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"]
    return found


def test_a_query_is_saved_changed_and_deleted(logs: Any) -> None:  # noqa: ANN401
    name = make_name("folder/query")
    saved = logs.put_query_definition(name=name, queryString="fields @message", logGroupNames=["/aws/lambda/f"])
    definition_id = saved["queryDefinitionId"]
    before = find(logs, name)

    logs.put_query_definition(queryDefinitionId=definition_id, name=name, queryString="fields @timestamp")
    after = find(logs, name)

    assert [each["logGroupNames"] for each in before] == [["/aws/lambda/f"]]
    assert [(each["queryDefinitionId"], each["queryString"], each["logGroupNames"]) for each in after] == [
        (definition_id, "fields @timestamp", [])
    ]
    assert after[0]["lastModified"] >= before[0]["lastModified"]
    assert logs.delete_query_definition(queryDefinitionId=definition_id)["success"] is True
    assert find(logs, name) == []


def test_missing_resources_are_neither_changed_nor_deleted(logs: Any) -> None:  # noqa: ANN401
    missing = {"queryDefinitionId": str(uuid.uuid4())}

    assert refused(logs.delete_query_definition, **missing) == ("ResourceNotFoundException", 400)
    refusal = refused(logs.put_query_definition, name=make_name(), queryString="fields @message", **missing)
    assert refusal == ("ResourceNotFoundException", 400)
    assert refused(logs.put_query_definition, name="a:b", queryString="x") == ("InvalidParameterException", 400)


def test_a_repeated_call_saves_one_query(logs: Any) -> None:  # noqa: ANN401
    name, token = make_name("q"), str(uuid.uuid4())

    first = logs.put_query_definition(name=name, queryString="fields @message", clientToken=token)
    again = logs.put_query_definition(name=name, queryString="fields @message", clientToken=token)

    assert first["queryDefinitionId"] == again["queryDefinitionId"]
    assert len(find(logs, name)) == 1


def test_queries_are_listed_by_pages(logs: Any) -> None:  # noqa: ANN401
    name = make_name("page")
    for each in range(5):
        logs.put_query_definition(name=f"{name}/{each}", queryString="fields @message")

    seen, token = [], None
    while True:
        more: dict[str, str] = {"nextToken": token} if token else {}
        page = logs.describe_query_definitions(queryDefinitionNamePrefix=name, maxResults=2, **more)
        seen.append([each["name"] for each in page["queryDefinitions"]])
        token = page.get("nextToken")
        if token is None:
            break

    assert [len(page) for page in seen] == [2, 2, 1]
    assert sorted(each for page in seen for each in page) == [f"{name}/{each}" for each in range(5)]
