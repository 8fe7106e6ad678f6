# AWS WAF before the distribution. The rules are asked in the order of their priority; the first that blocks or allows
# has decided.

locals {
  waf_name = "${var.name}-${var.region}"

  # What the rules of ours and of AWS answer: problem documents, as the API's own.
  waf_answers = {
    forbidden = { status = 403, title = "Forbidden", detail = "The firewall refused this request." }
    too_large = { status = 413, title = "Content Too Large", detail = "The body is larger than what is taken." }
    too_many  = { status = 429, title = "Too Many Requests", detail = "Too many requests from this address. Try again in a few minutes." }
  }

  # AWS's groups: what they are called, the rules whose answer is ours, and those that only ever count. AWS gives no
  # group an answer as a whole. A rule that is not named here, because it is newer, blocks with CloudFront's own page.
  waf_groups = {
    ip_reputation = {
      priority = 60
      name     = "AWSManagedRulesAmazonIpReputationList"
      blocked  = ["AWSManagedIPReputationList", "AWSManagedReconnaissanceList"]
      counted  = []
    }
    known_bad_inputs = {
      priority = 70
      name     = "AWSManagedRulesKnownBadInputsRuleSet"
      blocked = [
        "ExploitablePaths_URIPATH",
        "JavaDeserializationRCE_BODY",
        "JavaDeserializationRCE_HEADER",
        "JavaDeserializationRCE_QUERYSTRING",
        "JavaDeserializationRCE_URIPATH",
        "Log4JRCE_BODY",
        "Log4JRCE_HEADER",
        "Log4JRCE_QUERYSTRING",
        "Log4JRCE_URIPATH",
        "PROPFIND_METHOD",
      ]
      # CloudFront finds the distribution by its name: what asks for another host never comes here.
      counted = ["Host_localhost_HEADER"]
    }
    common = {
      priority = 80
      name     = "AWSManagedRulesCommonRuleSet"
      blocked = [
        "CrossSiteScripting_COOKIE",
        "CrossSiteScripting_QUERYARGUMENTS",
        "CrossSiteScripting_URIPATH",
        "EC2MetaDataSSRF_COOKIE",
        "EC2MetaDataSSRF_QUERYARGUMENTS",
        "EC2MetaDataSSRF_URIPATH",
        "GenericLFI_QUERYARGUMENTS",
        "GenericLFI_URIPATH",
        "GenericRFI_QUERYARGUMENTS",
        "GenericRFI_URIPATH",
        "NoUserAgent_HEADER",
        "RestrictedExtensions_QUERYARGUMENTS",
        "RestrictedExtensions_URIPATH",
        "SizeRestrictions_Cookie_HEADER",
        "SizeRestrictions_QUERYSTRING",
        "SizeRestrictions_URIPATH",
        "UserAgent_BadBots_HEADER",
      ]
      # The one body that the API takes holds a file's name, which may be any text and stays text wherever it goes; its
      # size is waf_max_body_bytes' to bound, where this group would bound it to 8 KB.
      counted = [
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "SizeRestrictions_BODY",
      ]
    }
  }

  # One rule for each list and version of IP: a set of WAF's holds addresses of one.
  waf_address_lists = merge(
    { for version, cidrs in local.waf_blocked : "blocked_${version}" => { priority = version == "ipv4" ? 0 : 1, blocks = true, version = version, cidrs = cidrs } },
    { for version, cidrs in local.waf_allowed : "allowed_${version}" => { priority = version == "ipv4" ? 10 : 11, blocks = false, version = version, cidrs = cidrs } },
  )

  waf_blocked = { for cidr in var.waf_blocked_cidrs : strcontains(cidr, ":") ? "ipv6" : "ipv4" => cidr... }
  waf_allowed = { for cidr in var.waf_allowed_cidrs : strcontains(cidr, ":") ? "ipv6" : "ipv4" => cidr... }
}

resource "aws_wafv2_ip_set" "edge" {
  provider = aws.us_east_1
  for_each = { for key, list in local.waf_address_lists : key => list if var.waf }

  name               = "${local.waf_name}-${replace(each.key, "_", "-")}"
  description        = "Addresses that ${var.name} treats apart: ${each.key}."
  scope              = "CLOUDFRONT"
  ip_address_version = upper(each.value.version)
  addresses          = each.value.cidrs

  # The web ACL lets go of it first.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_wafv2_web_acl" "edge" {
  provider = aws.us_east_1
  count    = var.waf ? 1 : 0

  name        = local.waf_name
  description = "What may come to the distribution of ${var.name}."
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

  rule {
    name     = "upload-rate"
    priority = 20

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
        limit                 = var.waf_upload_rate_limit

        scope_down_statement {
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

                # However the path is written: API Gateway decodes it, too.
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

    visibility_config {
      metric_name                = "${local.waf_name}-upload-rate"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "rate"
    priority = 30

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
        limit                 = var.waf_rate_limit
      }
    }

    visibility_config {
      metric_name                = "${local.waf_name}-rate"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
    }
  }

  # The API alone takes a body at all: CloudFront passes none on to the buckets.
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

  # The distribution lets go of it first.
  lifecycle {
    create_before_destroy = true
  }
}

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
