# The firewall's rules, for each of its variables.

mock_provider "aws" {
  source = "./tests/mocks/main"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks/us_east_1"
}

variables {
  name        = "photos"
  region      = "eu-central-1"
  package_dir = "tests/fixtures/bundle"
  site_dir    = "tests/fixtures/site"
}

run "waf_with_the_defaults" {
  command = plan

  assert {
    condition     = { for rule in aws_wafv2_web_acl.edge[0].rule : rule.name => rule.priority } == { upload-rate = 20, rate = 30, body-size = 40, ip-reputation = 60, known-bad-inputs = 70, common = 80 }
    error_message = "A rule is missing, or has another priority."
  }

  assert {
    condition     = aws_wafv2_web_acl.edge[0].scope == "CLOUDFRONT" && aws_cloudfront_distribution.this.web_acl_id == aws_wafv2_web_acl.edge[0].arn && output.web_acl_arn == aws_wafv2_web_acl.edge[0].arn
    error_message = "The firewall does not protect the distribution."
  }

  assert {
    condition     = { for rule in aws_wafv2_web_acl.edge[0].rule : rule.name => one(one(rule.statement).rate_based_statement).limit if length(one(rule.statement).rate_based_statement) > 0 } == { upload-rate = 100, rate = 2000 } && alltrue([for rule in aws_wafv2_web_acl.edge[0].rule : one(one(rule.statement).rate_based_statement).evaluation_window_sec == 300 if length(one(rule.statement).rate_based_statement) > 0])
    error_message = "A rate or its window is not the variable's."
  }

  assert {
    condition     = { for rule in aws_wafv2_web_acl.edge[0].rule : rule.name => one(one(one(rule.action).block).custom_response).response_code if length(rule.action) > 0 } == { upload-rate = 429, rate = 429, body-size = 413 }
    error_message = "A rule answers with the wrong status."
  }

  assert {
    condition     = alltrue([for body in aws_wafv2_web_acl.edge[0].custom_response_body : toset(keys(jsondecode(body.content))) == toset(["type", "title", "status", "detail"])]) && length(aws_wafv2_web_acl.edge[0].custom_response_body) == 3
    error_message = "The response of a rule is not a problem document."
  }

  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.edge[0].rule : length(one(rule.override_action).none) == 1 if length(rule.override_action) > 0])
    error_message = "A managed rule group only counts."
  }

  assert {
    condition     = { for rule in aws_wafv2_web_acl.edge[0].rule : rule.name => one(one(rule.statement).managed_rule_group_statement).name if length(one(rule.statement).managed_rule_group_statement) > 0 } == { ip-reputation = "AWSManagedRulesAmazonIpReputationList", known-bad-inputs = "AWSManagedRulesKnownBadInputsRuleSet", common = "AWSManagedRulesCommonRuleSet" }
    error_message = "A managed rule group is missing."
  }

  assert {
    condition     = toset(flatten([for rule in aws_wafv2_web_acl.edge[0].rule : [for override in one(one(rule.statement).managed_rule_group_statement).rule_action_override : override.name if length(one(override.action_to_use).count) > 0] if length(one(rule.statement).managed_rule_group_statement) > 0])) == toset(["Host_localhost_HEADER", "CrossSiteScripting_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "SizeRestrictions_BODY"])
    error_message = "A file name may be blocked for its content, or too many of AWS's rules only count."
  }

  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.edge[0].rule : one(rule.visibility_config).cloudwatch_metrics_enabled && one(rule.visibility_config).sampled_requests_enabled])
    error_message = "A rule has no metric."
  }

  assert {
    condition     = startswith(aws_cloudwatch_log_group.waf[0].name, "aws-waf-logs-") && aws_cloudwatch_log_group.waf[0].retention_in_days == 30
    error_message = "The firewall's log has a name that WAF does not write to, or is kept forever."
  }

  assert {
    condition     = one(aws_wafv2_web_acl_logging_configuration.edge[0].logging_filter).default_behavior == "DROP"
    error_message = "Requests that match no rule are logged."
  }
}

run "waf_with_everything_else" {
  command = plan

  variables {
    waf_rate_limit          = 500
    waf_upload_rate_limit   = 10
    waf_rate_window_seconds = 60
    waf_max_body_bytes      = 2048
    waf_count_rule_groups   = ["common", "ip_reputation"]
    waf_allowed_cidrs       = ["192.0.2.0/24"]
    waf_blocked_cidrs       = ["198.51.100.0/24", "203.0.113.7/32", "2001:db8::/32"]
  }

  assert {
    condition     = { for rule in aws_wafv2_web_acl.edge[0].rule : rule.name => one(one(rule.statement).rate_based_statement).limit if length(one(rule.statement).rate_based_statement) > 0 } == { upload-rate = 10, rate = 500 } && alltrue([for rule in aws_wafv2_web_acl.edge[0].rule : one(one(rule.statement).rate_based_statement).evaluation_window_sec == 60 if length(one(rule.statement).rate_based_statement) > 0])
    error_message = "A rate or its window is not the variable's."
  }

  assert {
    condition     = anytrue([for rule in aws_wafv2_web_acl.edge[0].rule : one(one(rule.statement).size_constraint_statement).size == 2048 if length(one(rule.statement).size_constraint_statement) > 0])
    error_message = "The maximum body size is not the variable's."
  }

  assert {
    condition     = { for rule in aws_wafv2_web_acl.edge[0].rule : rule.name => length(one(rule.override_action).count) if length(rule.override_action) > 0 } == { ip-reputation = 1, known-bad-inputs = 0, common = 1 }
    error_message = "The groups that only count are not the variable's."
  }

  assert {
    condition     = { for key, set in aws_wafv2_ip_set.edge : key => { version = set.ip_address_version, addresses = set.addresses } } == { allowed_ipv4 = { version = "IPV4", addresses = toset(["192.0.2.0/24"]) }, blocked_ipv4 = { version = "IPV4", addresses = toset(["198.51.100.0/24", "203.0.113.7/32"]) }, blocked_ipv6 = { version = "IPV6", addresses = toset(["2001:db8::/32"]) } }
    error_message = "The addresses are not in lists of their IP version."
  }

  assert {
    condition     = { for rule in aws_wafv2_web_acl.edge[0].rule : rule.name => length(one(rule.action).block) if length(one(rule.statement).ip_set_reference_statement) > 0 } == { blocked-ipv4 = 1, blocked-ipv6 = 1, allowed-ipv4 = 0 } && max([for rule in aws_wafv2_web_acl.edge[0].rule : rule.priority if startswith(rule.name, "blocked")]...) < min([for rule in aws_wafv2_web_acl.edge[0].rule : rule.priority if startswith(rule.name, "allowed")]...)
    error_message = "A blocked address is allowed, or an allowed one is blocked."
  }
}

run "waf_switched_off" {
  command = plan

  variables {
    waf               = false
    waf_blocked_cidrs = ["198.51.100.0/24"]
  }

  assert {
    condition     = length(aws_wafv2_web_acl.edge) + length(aws_wafv2_ip_set.edge) + length(aws_wafv2_web_acl_logging_configuration.edge) + length(aws_cloudwatch_log_group.waf) == 0 && output.web_acl_arn == null
    error_message = "A firewall that is off costs something."
  }
}
