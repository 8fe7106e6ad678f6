# Everything of WAFv2 that Terraform has, in two variants that differ in all that can be changed in place.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {
  type = string
}

variable "variant" {
  type = number
}

locals {
  first = var.variant == 1
  scope = { distribution = "CLOUDFRONT", stage = "REGIONAL" }
}

provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

resource "aws_wafv2_ip_set" "this" {
  for_each = local.scope

  name               = "${var.name}-${each.key}"
  description        = local.first ? "first" : "second"
  scope              = each.value
  ip_address_version = "IPV4"
  addresses          = local.first ? ["192.0.2.0/24", "198.51.100.7/32"] : ["203.0.113.0/24"]
  tags               = { variant = var.variant }
}

resource "aws_wafv2_regex_pattern_set" "this" {
  for_each = local.scope

  name        = "${var.name}-${each.key}"
  description = local.first ? "first" : "second"
  scope       = each.value
  tags        = { variant = var.variant }

  dynamic "regular_expression" {
    for_each = local.first ? ["^/one", "^/two$"] : ["^/three"]

    content {
      regex_string = regular_expression.value
    }
  }
}

resource "aws_wafv2_rule_group" "this" {
  for_each = local.scope

  name        = "${var.name}-${each.key}"
  description = local.first ? "first" : "second"
  scope       = each.value
  capacity    = 100
  tags        = { variant = var.variant }

  custom_response_body {
    key          = "sorry"
    content      = local.first ? "Sorry." : "Sorry again."
    content_type = "TEXT_PLAIN"
  }

  rule {
    name     = "countries"
    priority = 1

    action {
      block {
        custom_response {
          response_code            = local.first ? 403 : 404
          custom_response_body_key = "sorry"
        }
      }
    }

    statement {
      geo_match_statement {
        country_codes = local.first ? ["AQ"] : ["AQ", "BV"]
      }
    }

    visibility_config {
      metric_name                = "countries"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = local.first
    }
  }

  rule {
    name     = "patterns"
    priority = 2

    action {
      count {}
    }

    rule_label {
      name = "odd"
    }

    statement {
      regex_pattern_set_reference_statement {
        arn = aws_wafv2_regex_pattern_set.this[each.key].arn

        field_to_match {
          uri_path {}
        }

        text_transformation {
          priority = 0
          type     = "LOWERCASE"
        }
      }
    }

    visibility_config {
      metric_name                = "patterns"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
    }
  }

  visibility_config {
    metric_name                = "group"
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = true
  }
}

resource "aws_wafv2_web_acl" "this" {
  for_each = local.scope

  name        = "${var.name}-${each.key}"
  description = local.first ? "first" : "second"
  scope       = each.value
  tags        = { variant = var.variant }

  default_action {
    dynamic "allow" {
      for_each = local.first ? [true] : []
      content {}
    }

    dynamic "block" {
      for_each = local.first ? [] : [true]
      content {}
    }
  }

  dynamic "custom_response_body" {
    for_each = local.first ? ["slow"] : ["slow", "wait"]

    content {
      key          = custom_response_body.value
      content      = "{}"
      content_type = "APPLICATION_JSON"
    }
  }

  rule {
    name     = "addresses"
    priority = 1

    action {
      block {}
    }

    statement {
      and_statement {
        statement {
          ip_set_reference_statement {
            arn = aws_wafv2_ip_set.this[each.key].arn
          }
        }

        statement {
          not_statement {
            statement {
              byte_match_statement {
                search_string         = local.first ? "/open" : "/free"
                positional_constraint = "STARTS_WITH"

                field_to_match {
                  uri_path {}
                }

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
      metric_name                = "addresses"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "rate"
    priority = 2

    action {
      block {
        custom_response {
          response_code            = 429
          custom_response_body_key = "slow"

          response_header {
            name  = "Retry-After"
            value = "60"
          }
        }
      }
    }

    statement {
      rate_based_statement {
        aggregate_key_type    = "IP"
        evaluation_window_sec = local.first ? 300 : 60
        limit                 = local.first ? 2000 : 100
      }
    }

    visibility_config {
      metric_name                = "rate"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "own"
    priority = 3

    override_action {
      none {}
    }

    statement {
      rule_group_reference_statement {
        arn = aws_wafv2_rule_group.this[each.key].arn

        rule_action_override {
          name = "countries"

          action_to_use {
            count {}
          }
        }
      }
    }

    visibility_config {
      metric_name                = "own"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.first ? ["AWSManagedRulesCommonRuleSet"] : ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"]

    content {
      name     = rule.value
      priority = 10 + rule.key

      override_action {
        dynamic "count" {
          for_each = local.first ? [true] : []
          content {}
        }

        dynamic "none" {
          for_each = local.first ? [] : [true]
          content {}
        }
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.value
        }
      }

      visibility_config {
        metric_name                = rule.value
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    metric_name                = var.name
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = local.first
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name = "aws-waf-logs-${var.name}"
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  for_each = local.scope

  resource_arn            = aws_wafv2_web_acl.this[each.key].arn
  log_destination_configs = [aws_cloudwatch_log_group.this.arn]

  logging_filter {
    default_behavior = local.first ? "DROP" : "KEEP"

    filter {
      behavior    = local.first ? "KEEP" : "DROP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }
    }
  }

  redacted_fields {
    single_header {
      name = local.first ? "cookie" : "authorization"
    }
  }
}

resource "aws_api_gateway_rest_api" "this" {
  name = var.name

  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = var.name, version = "1" }
    paths = {
      "/" = {
        get = {
          responses                         = { "200" = { description = "OK" } }
          "x-amazon-apigateway-integration" = { type = "mock", requestTemplates = { "application/json" = "{\"statusCode\": 200}" }, responses = { default = { statusCode = "200" } } }
        }
      }
    }
  })
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = "test"
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = aws_api_gateway_stage.this.arn
  web_acl_arn  = aws_wafv2_web_acl.this["stage"].arn
}
