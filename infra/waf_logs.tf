# What the firewall writes down.

resource "aws_cloudwatch_log_group" "waf" {
  provider = aws.us_east_1
  count    = var.waf ? 1 : 0

  name              = "aws-waf-logs-${local.waf_name}" # WAF writes to no other names.
  retention_in_days = var.log_retention_days
}

resource "aws_wafv2_web_acl_logging_configuration" "edge" {
  provider = aws.us_east_1
  count    = var.waf ? 1 : 0

  resource_arn            = aws_wafv2_web_acl.edge[0].arn
  log_destination_configs = [aws_cloudwatch_log_group.waf[0].arn]

  # Only what a rule took offence at is kept; WAF cannot leave out the address, which ends with the retention.
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
