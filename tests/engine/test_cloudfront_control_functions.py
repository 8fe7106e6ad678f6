"""CloudFront Functions by boto3: their code, stages and versions."""

import json
from typing import Any, Final

import pytest

from support.distributions import make_behavior, make_config, make_name, refused, some

Config = dict[str, Any]

CODE: Final = b"function handler(event) { return event.request; }"
CONFIG: Final = {"Comment": "passes on", "Runtime": "cloudfront-js-2.0"}
EVENT: Final = {
    "version": "1.0",
    "context": {"eventType": "viewer-request"},
    "viewer": {"ip": "1.2.3.4"},
    "request": {"method": "GET", "uri": "/old", "querystring": {}, "headers": {}, "cookies": {}},
}


# boto3 makes its clients at run time.
def create(cloudfront: Any, code: bytes = CODE) -> tuple[str, Config]:  # noqa: ANN401
    name = make_name("f")
    return name, cloudfront.create_function(Name=name, FunctionConfig=CONFIG, FunctionCode=code)


def read_code(cloudfront: Any, name: str, stage: str) -> bytes:  # noqa: ANN401
    code: bytes = cloudfront.get_function(Name=name, Stage=stage)["FunctionCode"].read()
    return code


def test_the_live_stage_changes_on_publishing(cloudfront: Any) -> None:  # noqa: ANN401
    name, created = create(cloudfront)
    changed = CODE + b"\n// changed"

    assert created["FunctionSummary"]["Status"] == "UNPUBLISHED"
    assert refused(cloudfront.describe_function, Name=name, Stage="LIVE") == ("NoSuchFunctionExists", 404)
    published = cloudfront.publish_function(Name=name, IfMatch=created["ETag"])["FunctionSummary"]
    updated = cloudfront.update_function(
        Name=name, IfMatch=created["ETag"], FunctionConfig=CONFIG, FunctionCode=changed
    )

    assert (published["Status"], published["FunctionMetadata"]["Stage"]) == ("UNASSOCIATED", "LIVE")
    assert published["FunctionMetadata"]["FunctionARN"] == f"arn:aws:cloudfront::000000000000:function/{name}"
    assert read_code(cloudfront, name, "LIVE") == CODE
    assert read_code(cloudfront, name, "DEVELOPMENT") == changed
    assert cloudfront.describe_function(Name=name)["FunctionSummary"]["Status"] == "UNPUBLISHED"
    cloudfront.publish_function(Name=name, IfMatch=updated["ETag"])
    assert read_code(cloudfront, name, "LIVE") == changed
    assert cloudfront.describe_function(Name=name)["ETag"] == updated["ETag"]


def test_code_comes_back_byte_for_byte(cloudfront: Any) -> None:  # noqa: ANN401
    code = "function handler(event) { return { statusCode: 200, statusDescription: 'schön \\u0000 <&>' } }\r\n".encode()

    name, _ = create(cloudfront, code)

    assert read_code(cloudfront, name, "DEVELOPMENT") == code


def test_a_function_is_kept_while_a_distribution_runs_it(cloudfront: Any) -> None:  # noqa: ANN401
    name, created = create(cloudfront)
    arn = created["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    association = {"FunctionARN": arn, "EventType": "viewer-request"}
    config = make_config(DefaultCacheBehavior=make_behavior(FunctionAssociations=some(association)), Enabled=False)

    unpublished = refused(cloudfront.create_distribution, DistributionConfig=config)
    cloudfront.publish_function(Name=name, IfMatch=created["ETag"])
    made = cloudfront.create_distribution(DistributionConfig=config)

    assert unpublished == ("InvalidFunctionAssociation", 400)
    assert refused(cloudfront.delete_function, Name=name, IfMatch=created["ETag"]) == ("FunctionInUse", 409)
    assert cloudfront.describe_function(Name=name, Stage="LIVE")["FunctionSummary"]["Status"] == "DEPLOYED"
    cloudfront.get_waiter("distribution_deployed").wait(Id=made["Distribution"]["Id"], WaiterConfig={"Delay": 1})
    cloudfront.delete_distribution(Id=made["Distribution"]["Id"], IfMatch=made["ETag"])
    cloudfront.delete_function(Name=name, IfMatch=created["ETag"])
    assert refused(cloudfront.get_function, Name=name) == ("NoSuchFunctionExists", 404)


def test_functions_are_refused(cloudfront: Any) -> None:  # noqa: ANN401
    name, created = create(cloudfront)

    def make(name: str, code: bytes = CODE, **config: Any) -> object:  # noqa: ANN401
        return cloudfront.create_function(Name=name, FunctionConfig=CONFIG | config, FunctionCode=code)

    store = some({"KeyValueStoreARN": "arn:aws:cloudfront::000000000000:key-value-store/" + "0" * 36})
    assert refused(lambda: make(name)) == ("FunctionAlreadyExists", 409)
    assert refused(lambda: make("a b")) == ("InvalidArgument", 400)
    assert refused(lambda: make(make_name(), b"/*" + b"x" * 10_240 + b"*/")) == ("FunctionSizeLimitExceeded", 413)
    assert refused(lambda: make(make_name(), Runtime="cloudfront-js-9.0")) == ("InvalidArgument", 400)
    assert refused(lambda: make(make_name(), KeyValueStoreAssociations=store)) == ("UnsupportedOperation", 400)
    stale = {"Name": name, "IfMatch": "E1ABCDEFGHIJKL"}
    assert refused(cloudfront.publish_function, **stale) == ("PreconditionFailed", 412)
    assert refused(cloudfront.delete_function, **stale) == ("PreconditionFailed", 412)
    cloudfront.delete_function(Name=name, IfMatch=created["ETag"])


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("function handler(event) {\n  return event.request\n", "3:"),
        ("function handler(event) {\n  return (;\n}", "2:"),
        ("import cf from 'cloudfront'\nfunction handler(event) { let a; let a }", "2:"),
    ],
)
def test_code_that_cannot_be_parsed_is_refused_with_its_place(cloudfront: Any, code: str, where: str) -> None:  # noqa: ANN401
    name, created = create(cloudfront)
    version = {"Name": name, "IfMatch": created["ETag"], "FunctionConfig": CONFIG}

    with pytest.raises(cloudfront.exceptions.InvalidArgument, match="SyntaxError") as raised:
        cloudfront.update_function(FunctionCode=code.encode(), **version)

    assert f":{where}" in str(raised.value)
    assert read_code(cloudfront, name, "DEVELOPMENT") == CODE


def test_saving_a_function_does_not_run_it(cloudfront: Any) -> None:  # noqa: ANN401
    endless = b"import cf from 'cloudfront'; while (true) {} function handler(event) { return event }"
    throws = b"throw new Error('it ran'); function handler(event) { return event }"

    name, created = create(cloudfront, endless)
    saved = read_code(cloudfront, name, "DEVELOPMENT")
    updated = cloudfront.update_function(Name=name, IfMatch=created["ETag"], FunctionConfig=CONFIG, FunctionCode=throws)
    published = cloudfront.publish_function(Name=name, IfMatch=updated["ETag"])

    assert (created["FunctionSummary"]["Status"], saved) == ("UNPUBLISHED", endless)
    assert published["FunctionSummary"]["FunctionMetadata"]["Stage"] == "LIVE"
    assert read_code(cloudfront, name, "LIVE") == throws
    ran = cloudfront.test_function(Name=name, IfMatch=updated["ETag"], EventObject=json.dumps(EVENT).encode())
    assert "it ran" in ran["TestResult"]["FunctionErrorMessage"], "as it does when it is run"


def test_a_function_is_tested_with_an_event(cloudfront: Any) -> None:  # noqa: ANN401
    code = b"function handler(event) { console.log('seen'); event.request.uri = '/new'; return event.request; }"
    name, created = create(cloudfront, code)

    def run(event: bytes, **arguments: str) -> Config:
        version = {"Name": name, "IfMatch": created["ETag"], **arguments}
        result: Config = cloudfront.test_function(EventObject=event, **version)["TestResult"]
        return result

    result = run(json.dumps(EVENT).encode())

    assert json.loads(result["FunctionOutput"])["request"]["uri"] == "/new"
    assert (result["FunctionExecutionLogs"], result["FunctionErrorMessage"]) == (["seen"], "")
    assert 1 <= int(result["ComputeUtilization"]) <= 100
    assert result["FunctionSummary"]["Name"] == name
    assert refused(lambda: run(b"no event")) == ("InvalidArgument", 400)
    assert refused(lambda: run(b"{}", Stage="LIVE")) == ("NoSuchFunctionExists", 404)
    assert refused(lambda: run(b"{}", IfMatch="E1ABCDEFGHIJKL")) == ("PreconditionFailed", 412)


def test_functions_are_listed_by_stage(cloudfront: Any) -> None:  # noqa: ANN401
    (name, _), (published_name, published) = create(cloudfront), create(cloudfront)
    cloudfront.publish_function(Name=published_name, IfMatch=published["ETag"])

    def names(stage: str) -> set[str]:
        return {each["Name"] for each in cloudfront.list_functions(Stage=stage)["FunctionList"]["Items"]}

    assert {name, published_name} <= names("DEVELOPMENT")
    assert published_name in names("LIVE")
    assert name not in names("LIVE")
