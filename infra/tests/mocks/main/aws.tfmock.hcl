# What a plan cannot know before it is applied.

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = data.aws_partition.current
  values = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_iam_policy_document" {
  defaults = { json = "{}" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:mock" }
}

mock_resource "aws_lambda_function" {
  defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:mock" }
}

override_resource {
  target          = aws_sqs_queue.photos
  override_during = plan
  values          = { arn = "arn:aws:sqs:eu-central-1:123456789012:photos-photos", url = "https://sqs.example/photos" }
}

override_resource {
  target          = aws_sqs_queue.dead_letter
  override_during = plan
  values          = { arn = "arn:aws:sqs:eu-central-1:123456789012:photos-photos-dead", url = "https://sqs.example/dead" }
}

override_resource {
  target          = aws_api_gateway_rest_api.this
  override_during = plan
  values          = { id = "abc123", execution_arn = "arn:aws:execute-api:eu-central-1:123456789012:abc123" }
}

override_resource {
  target          = aws_api_gateway_usage_plan_key.edge
  override_during = plan
  values          = { value = "the-distributions-own-key" }
}

override_resource {
  target          = aws_cloudfront_distribution.this
  override_during = plan
  values          = { id = "E1EXAMPLE", arn = "arn:aws:cloudfront::123456789012:distribution/E1EXAMPLE", domain_name = "d1.cloudfront.net" }
}

override_resource {
  target          = aws_api_gateway_stage.this
  override_during = plan
  values          = { invoke_url = "https://abc123.execute-api.eu-central-1.amazonaws.com/live" }
}
