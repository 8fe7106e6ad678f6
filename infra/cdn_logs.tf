# CloudFront's access log (standard logging v2), if access_logs is set.

resource "aws_cloudwatch_log_group" "edge" {
  provider = aws.us_east_1
  count    = var.access_logs ? 1 : 0

  # For log groups with this prefix AWS needs only one resource policy for all deliveries.
  name              = "/aws/vendedlogs/cloudfront/${var.name}-${var.region}"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_delivery_source" "edge" {
  provider = aws.us_east_1
  count    = var.access_logs ? 1 : 0

  name         = "${var.name}-${var.region}"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.this.arn
}

resource "aws_cloudwatch_log_delivery_destination" "edge" {
  provider = aws.us_east_1
  count    = var.access_logs ? 1 : 0

  name          = "${var.name}-${var.region}"
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = aws_cloudwatch_log_group.edge[0].arn
  }
}

resource "aws_cloudwatch_log_delivery" "edge" {
  provider = aws.us_east_1
  count    = var.access_logs ? 1 : 0

  delivery_source_name     = aws_cloudwatch_log_delivery_source.edge[0].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.edge[0].arn

  # Without query strings (signatures, cursors), cookies and referrers. Addresses expire with the log retention.
  record_fields = [
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(User-Agent)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
  ]
}
