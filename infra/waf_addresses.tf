# Addresses that are always blocked or always allowed.

locals {
  # One rule for each list and IP version: an IP set holds addresses of one version.
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
  description        = "Address list of ${var.name}: ${each.key}."
  scope              = "CLOUDFRONT"
  ip_address_version = upper(each.value.version)
  addresses          = each.value.cidrs

  # The web ACL drops its reference first.
  lifecycle {
    create_before_destroy = true
  }
}
