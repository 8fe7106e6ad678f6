# The firewall's log.

resource "aws_cloudwatch_log_group" "waf" {
  provider = aws.us_east_1
  count    = var.waf ? 1 : 0

  name              = "aws-waf-logs-${local.waf_name}" # WAF requires this prefix.
  retention_in_days = var.log_retention_days
}

resource "aws_wafv2_web_acl_logging_configuration" "edge" {
  provider = aws.us_east_1
  count    = var.waf ? 1 : 0

  resource_arn            = aws_wafv2_web_acl.edge[0].arn
  log_destination_configs = [aws_cloudwatch_log_group.waf[0].arn]

  # Only requests that matched a rule are logged; WAF cannot redact the address, which expires with the log retention.
  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      dynamic "condition" {
        for_each = toset(["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"])

        content {
          action_condition {
            action = condition.value
          }
        }
      }
    }
  }

  redacted_fields {
    query_string {}
  }

  dynamic "redacted_fields" {
    for_each = toset(["authorization", "cookie", "referer", "x-api-key", "x-forwarded-for"])

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }
}
