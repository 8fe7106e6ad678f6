# The same in CloudFront's home.

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mock" }
}

override_resource {
  target          = aws_wafv2_web_acl.edge
  override_during = plan
  values          = { id = "acl", arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/photos/acl" }
}
