"""A second apply changes nothing; destroy leaves nothing, full buckets included."""

import pytest

from support.pipeline_client import PipelineClient
from support.stack import Stack
from thumbpipe_devkit.stack.lifecycle import Stack as DevkitStack

pytestmark = pytest.mark.ends_stack


def test_a_second_plan_changes_nothing(deployed: DevkitStack, stack: Stack, retried_soon: str) -> None:
    attributes = {"VisibilityTimeout": retried_soon}
    stack.client("sqs").set_queue_attributes(QueueUrl=stack.queue_url, Attributes=attributes)
    with deployed.steps.step("a second plan") as step:
        assert deployed.workspace.plan(step) == ()


def test_destroy_leaves_nothing(deployed: DevkitStack, stack: Stack, pipeline: PipelineClient, jpeg: bytes) -> None:
    pipeline.ready(pipeline.upload("left.jpg", jpeg))
    with deployed.steps.step("destroy") as step:
        deployed.workspace.destroy(step)
    assert deployed.workspace.resources() == ()
    assert stack.client("s3").list_buckets()["Buckets"] == []
    assert stack.client("dynamodb").list_tables()["TableNames"] == []
    assert "QueueUrls" not in stack.client("sqs").list_queues()
    assert stack.client("lambda").list_functions()["Functions"] == []
    assert stack.client("lambda").list_event_source_mappings()["EventSourceMappings"] == []
    assert stack.client("apigateway").get_rest_apis()["items"] == []
    assert stack.client("iam").list_roles()["Roles"] == []
    assert stack.client("iam").list_policies(Scope="Local")["Policies"] == []
    assert stack.client("logs").describe_log_groups()["logGroups"] == []
    cloudfront = stack.client("cloudfront")
    assert "Items" not in cloudfront.list_distributions()["DistributionList"]
    assert "Items" not in cloudfront.list_origin_access_controls()["OriginAccessControlList"]
    assert "Items" not in cloudfront.list_cache_policies(Type="custom")["CachePolicyList"]
    assert "Items" not in cloudfront.list_origin_request_policies(Type="custom")["OriginRequestPolicyList"]
    assert "Items" not in cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]
    assert "Items" not in cloudfront.list_public_keys()["PublicKeyList"]
    assert "Items" not in cloudfront.list_key_groups()["KeyGroupList"]
    assert "Items" not in cloudfront.list_functions()["FunctionList"]
    assert stack.client("wafv2").list_web_acls(Scope="CLOUDFRONT")["WebACLs"] == []
    assert stack.client("wafv2").list_ip_sets(Scope="CLOUDFRONT")["IPSets"] == []
    assert stack.client("ssm").describe_parameters()["Parameters"] == []
