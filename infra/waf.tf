# AWS WAF in front of the distribution. Rules are evaluated in order of priority; the first that blocks or allows decides.

locals {
  waf_name = "${var.name}-${var.region}"

  # Requests from one address.
  waf_rates = {
    upload-rate = { priority = 20, limit = var.waf_upload_rate_limit, uploads = true }
    rate        = { priority = 30, limit = var.waf_rate_limit, uploads = false }
  }

  # Responses of blocked requests: problem documents, like the API's.
  waf_answers = {
    forbidden = { status = 403, title = "Forbidden", detail = "The firewall refused this request." }
    too_large = { status = 413, title = "Content Too Large", detail = "The body is too large." }
    too_many  = { status = 429, title = "Too Many Requests", detail = "Too many requests from this address. Try again in a few minutes." }
  }
}

resource "aws_wafv2_web_acl" "edge" {
  # checkov:skip=CKV_AWS_192:the managed group exists and blocks; this check does not follow dynamic blocks, waf.tftest.hcl does

  provider = aws.us_east_1
  count    = var.waf ? 1 : 0

  name        = local.waf_name
  description = "Protects the distribution of ${var.name}."
  scope       = "CLOUDFRONT"

  default_action {
    allow {}
  }

  dynamic "custom_response_body" {
    for_each = local.waf_answers

    content {
      key          = custom_response_body.key
      content_type = "APPLICATION_JSON"
      content      = jsonencode(merge({ type = "about:blank" }, custom_response_body.value))
    }
  }

  dynamic "rule" {
    for_each = { for key, set in aws_wafv2_ip_set.edge : key => { set = set, list = local.waf_address_lists[key] } }

    content {
      name     = replace(rule.key, "_", "-")
      priority = rule.value.list.priority

      action {
        dynamic "allow" {
          for_each = rule.value.list.blocks ? [] : [true]
          content {}
        }

        dynamic "block" {
          for_each = rule.value.list.blocks ? [true] : []

          content {
            custom_response {
              response_code            = 403
              custom_response_body_key = "forbidden"
            }
          }
        }
      }

      statement {
        ip_set_reference_statement {
          arn = rule.value.set.arn
        }
      }

      visibility_config {
        metric_name                = "${local.waf_name}-${replace(rule.key, "_", "-")}"
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = local.waf_rates

    content {
      name     = rule.key
      priority = rule.value.priority

      action {
        block {
          custom_response {
            response_code            = 429
            custom_response_body_key = "too_many"

            response_header {
              name  = "Retry-After"
              value = tostring(var.waf_rate_window_seconds)
            }
          }
        }
      }

      statement {
        rate_based_statement {
          aggregate_key_type    = "IP"
          evaluation_window_sec = var.waf_rate_window_seconds
          limit                 = rule.value.limit

          dynamic "scope_down_statement" {
            for_each = rule.value.uploads ? [true] : []

            content {
              and_statement {
                statement {
                  byte_match_statement {
                    positional_constraint = "EXACTLY"
                    search_string         = "POST"

                    field_to_match {
                      method {}
                    }

                    text_transformation {
                      priority = 0
                      type     = "NONE"
                    }
                  }
                }

                statement {
                  byte_match_statement {
                    positional_constraint = "EXACTLY"
                    search_string         = "/api/uploads"

                    field_to_match {
                      uri_path {}
                    }

                    # Decoded, as API Gateway decodes paths, too.
                    text_transformation {
                      priority = 0
                      type     = "URL_DECODE"
                    }

                    text_transformation {
                      priority = 1
                      type     = "NORMALIZE_PATH"
                    }
                  }
                }
              }
            }
          }
        }
      }

      visibility_config {
        metric_name                = "${local.waf_name}-${rule.key}"
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
      }
    }
  }

  # Only the API takes request bodies: CloudFront forwards none to the buckets.
  rule {
    name     = "body-size"
    priority = 40

    action {
      block {
        custom_response {
          response_code            = 413
          custom_response_body_key = "too_large"
        }
      }
    }

    statement {
      size_constraint_statement {
        comparison_operator = "GT"
        size                = var.waf_max_body_bytes

        field_to_match {
          body {
            oversize_handling = "MATCH"
          }
        }

        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }

    visibility_config {
      metric_name                = "${local.waf_name}-body-size"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.waf_groups

    content {
      name     = replace(rule.key, "_", "-")
      priority = rule.value.priority

      override_action {
        dynamic "count" {
          for_each = contains(var.waf_count_rule_groups, rule.key) ? [true] : []
          content {}
        }

        dynamic "none" {
          for_each = contains(var.waf_count_rule_groups, rule.key) ? [] : [true]
          content {}
        }
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.value.name

          dynamic "rule_action_override" {
            for_each = rule.value.blocked

            content {
              name = rule_action_override.value

              action_to_use {
                block {
                  custom_response {
                    response_code            = 403
                    custom_response_body_key = "forbidden"
                  }
                }
              }
            }
          }

          dynamic "rule_action_override" {
            for_each = rule.value.counted

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        metric_name                = "${local.waf_name}-${replace(rule.key, "_", "-")}"
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    metric_name                = local.waf_name
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = true
  }

  # The distribution drops its reference first.
  lifecycle {
    create_before_destroy = true
  }
}
