# The distribution.

variable "distribution_url" {
  description = "Address at which browsers reach the distribution; {id} is replaced by its id in lower case. Null means https:// and the first alias or, without aliases, the distribution's domain name."
  type        = string
  default     = null

  validation {
    condition     = var.distribution_url == null || can(regex("^https?://[a-z0-9.{}-]+(:[0-9]{1,5})?$", var.distribution_url))
    error_message = "distribution_url is http:// or https:// with a lower-case host and perhaps a port: no path, no trailing slash."
  }
}

variable "upload_origin" {
  description = "Origin that the page uploads photos to, for its content security policy. Null means the image bucket's endpoint, the accelerated one with transfer_acceleration."
  type        = string
  default     = null

  validation {
    condition     = var.upload_origin == null || can(regex("^https?://[a-z0-9.-]+(:[0-9]{1,5})?$", var.upload_origin))
    error_message = "upload_origin is http:// or https:// with a lower-case host and perhaps a port: no path, no trailing slash, no wildcard."
  }
}

variable "wait_for_deployment" {
  description = "Whether apply waits until changes are deployed to all edge locations (minutes)."
  type        = bool
  default     = true
  nullable    = false
}

variable "delivery" {
  description = "Who may fetch renditions and originals: anyone who knows the URL (public), or only those who have a URL signed by the gallery (signed)."
  type        = string
  default     = "public"
  nullable    = false

  validation {
    condition     = contains(["public", "signed"], var.delivery)
    error_message = "delivery is public or signed."
  }
}

variable "signing_public_keys" {
  description = "Public keys (PEM) that verify signed URLs, by names of your choice: one, or two during a rotation. Private keys never pass through Terraform: see docs/edge.md."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.signing_public_keys) <= 2
    error_message = "signing_public_keys has at most two keys: the one in use, and the one before or after it."
  }

  validation {
    condition     = var.delivery != "signed" || length(var.signing_public_keys) > 0
    error_message = "delivery = signed needs at least one of signing_public_keys: create a key pair with `nox -s keys`."
  }

  validation {
    condition = alltrue([
      for name, key in var.signing_public_keys :
      can(regex("^[a-zA-Z0-9_-]{1,40}$", name)) && can(regex("^-----BEGIN PUBLIC KEY-----\\s[A-Za-z0-9+/=\\s]+-----END PUBLIC KEY-----\\s*$", key))
    ])
    error_message = "A signing key has a name of 1 to 40 letters, digits, underscores and hyphens, and is a public key in PEM (BEGIN PUBLIC KEY). Never put a private key here."
  }
}

variable "original_downloads" {
  description = "Whether original photos can be downloaded, in addition to their renditions."
  type        = bool
  default     = true
  nullable    = false
}

variable "restrict_api" {
  description = "Whether the API only accepts requests through the distribution, which adds an API key to them. Free of charge."
  type        = bool
  default     = true
  nullable    = false
}

variable "aliases" {
  description = "Alternate domain names of the distribution; the first is the page's address. You create their DNS records."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.aliases) == length(distinct(var.aliases)) && alltrue([for alias in var.aliases : can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", alias))])
    error_message = "An alias is a lower-case host name with a dot, without scheme and wildcard. aliases has no duplicates."
  }
}

variable "certificate_arn" {
  description = "ARN of an ACM certificate in us-east-1 that covers all aliases."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/[0-9a-f-]+$", var.certificate_arn))
    error_message = "certificate_arn is the ARN of an ACM certificate in us-east-1: CloudFront accepts no other region's."
  }

  validation {
    condition     = (var.certificate_arn == null) == (length(var.aliases) == 0)
    error_message = "aliases and certificate_arn go together: CloudFront's default certificate covers only its own domain name."
  }
}

variable "price_class" {
  description = "Edge locations that serve the distribution: PriceClass_100 (North America, Europe, Israel), PriceClass_200 (most others, too) or PriceClass_All."
  type        = string
  default     = "PriceClass_100"
  nullable    = false

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class is PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "geo_restriction" {
  description = "Countries (ISO 3166-1 alpha-2) that are served exclusively (type whitelist) or not at all (blacklist); refused ones get 403."
  type = object({
    type      = optional(string, "none")
    locations = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["none", "whitelist", "blacklist"], var.geo_restriction.type)
    error_message = "geo_restriction.type is none, whitelist or blacklist."
  }

  validation {
    condition     = (var.geo_restriction.type == "none") == (length(var.geo_restriction.locations) == 0)
    error_message = "geo_restriction.locations has countries where type is whitelist or blacklist, and only there."
  }

  validation {
    condition     = alltrue([for country in var.geo_restriction.locations : can(regex("^[A-Z]{2}$", country))])
    error_message = "A country is two capital letters, such as CH."
  }
}

variable "access_logs" {
  description = "Whether CloudFront logs each request (without query string and cookies) to CloudWatch Logs."
  type        = bool
  default     = false
  nullable    = false
}
