# The firewall in front of the distribution.

variable "waf" {
  description = "Whether AWS WAF inspects every request. Free of charge when off."
  type        = bool
  default     = true
  nullable    = false
}

variable "waf_rate_limit" {
  description = "Requests per address within waf_rate_window_seconds; above it, requests get 429 until the rate falls."
  type        = number
  default     = 2000
  nullable    = false

  validation {
    condition     = var.waf_rate_limit >= 10 && var.waf_rate_limit <= 2000000000 && floor(var.waf_rate_limit) == var.waf_rate_limit
    error_message = "waf_rate_limit is a whole number of 10 to 2000000000 (AWS's limits)."
  }
}

variable "waf_upload_rate_limit" {
  description = "Uploads (POST /api/uploads) per address within waf_rate_window_seconds; above it, requests get 429 until the rate falls."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.waf_upload_rate_limit >= 10 && var.waf_upload_rate_limit <= 2000000000 && floor(var.waf_upload_rate_limit) == var.waf_upload_rate_limit
    error_message = "waf_upload_rate_limit is a whole number of 10 to 2000000000 (AWS's limits)."
  }
}

variable "waf_rate_window_seconds" {
  description = "Evaluation window of the rate rules in seconds."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = contains([60, 120, 300, 600], var.waf_rate_window_seconds)
    error_message = "waf_rate_window_seconds is 60, 120, 300 or 600."
  }
}

variable "waf_max_body_bytes" {
  description = "Largest request body of the API in bytes; a longer one gets 413."
  type        = number
  default     = 16384
  nullable    = false

  validation {
    condition     = var.waf_max_body_bytes >= 1024 && var.waf_max_body_bytes <= 16384 && floor(var.waf_max_body_bytes) == var.waf_max_body_bytes
    error_message = "waf_max_body_bytes is a whole number of 1024 to 16384: the API accepts no more, and WAF charges extra for inspecting more."
  }
}

variable "waf_count_rule_groups" {
  description = "AWS managed rule groups that count instead of blocking: common, known_bad_inputs, ip_reputation."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.waf_count_rule_groups, ["common", "known_bad_inputs", "ip_reputation"])) == 0
    error_message = "waf_count_rule_groups may only list common, known_bad_inputs and ip_reputation."
  }
}

variable "waf_allowed_cidrs" {
  description = "Addresses (CIDR, IPv4 or IPv6) that are exempt from all rules, rate limits included: an office, a monitor. waf_blocked_cidrs takes precedence."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.waf_allowed_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "waf_allowed_cidrs has CIDRs such as 192.0.2.0/24 or 2001:db8::/32; WAF does not accept /0."
  }
}

variable "waf_blocked_cidrs" {
  description = "Addresses (CIDR, IPv4 or IPv6) that are blocked with 403."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.waf_blocked_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "waf_blocked_cidrs has CIDRs such as 192.0.2.0/24 or 2001:db8::/32; WAF does not accept /0."
  }
}
