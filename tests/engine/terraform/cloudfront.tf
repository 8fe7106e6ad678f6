# Everything of CloudFront that the plugin serves and the provider has a resource for, in two variants:
# each resource is changed in place from the one to the other.

variable "variant" {
  type = number
}

variable "public_keys" {
  type = list(string)
}

variable "name" {
  type = string
}

locals {
  second = var.variant == 2
}

provider "aws" {
  s3_use_path_style = true
}

data "aws_cloudfront_cache_policy" "optimized" {
  name = "Managed-CachingOptimized"
}

data "aws_cloudfront_origin_request_policy" "all" {
  name = "Managed-AllViewerExceptHostHeader"
}

data "aws_cloudfront_response_headers_policy" "security" {
  name = "Managed-SecurityHeadersPolicy"
}

resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_acm_certificate" "this" {
  domain_name       = "*.${var.name}.example.com"
  validation_method = "DNS"
}

resource "aws_cloudfront_origin_access_control" "this" {
  name                              = var.name
  description                       = local.second ? "second" : null
  origin_access_control_origin_type = "s3"
  signing_behavior                  = local.second ? "no-override" : "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_public_key" "this" {
  count = 2

  name        = "${var.name}-${count.index}"
  encoded_key = var.public_keys[count.index]
  comment     = local.second ? "second" : null
}

resource "aws_cloudfront_key_group" "this" {
  name    = var.name
  items   = local.second ? aws_cloudfront_public_key.this[*].id : [aws_cloudfront_public_key.this[0].id]
  comment = local.second ? "second" : null
}

resource "aws_cloudfront_function" "this" {
  name    = var.name
  runtime = "cloudfront-js-2.0"
  comment = local.second ? "second" : null
  code    = "function handler(event) { var variant = ${var.variant}; return event.request; }"
}

resource "aws_cloudfront_cache_policy" "this" {
  name        = var.name
  comment     = local.second ? "second" : null
  min_ttl     = 0
  default_ttl = local.second ? 20 : 10
  max_ttl     = 100

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_gzip   = true
    enable_accept_encoding_brotli = local.second

    cookies_config {
      cookie_behavior = local.second ? "all" : "none"
    }

    headers_config {
      header_behavior = "whitelist"
      headers {
        items = local.second ? ["Origin", "X-Second"] : ["Origin"]
      }
    }

    query_strings_config {
      query_string_behavior = local.second ? "allExcept" : "whitelist"
      query_strings {
        items = ["v"]
      }
    }
  }
}

resource "aws_cloudfront_origin_request_policy" "this" {
  name    = var.name
  comment = local.second ? "second" : null

  cookies_config {
    cookie_behavior = "none"
  }

  headers_config {
    header_behavior = local.second ? "allViewer" : "none"
  }

  query_strings_config {
    query_string_behavior = local.second ? "none" : "all"
  }
}

resource "aws_cloudfront_response_headers_policy" "this" {
  name    = var.name
  comment = local.second ? "second" : null

  cors_config {
    access_control_allow_credentials = false
    access_control_max_age_sec       = local.second ? 60 : 30
    origin_override                  = true

    access_control_allow_headers {
      items = ["*"]
    }

    access_control_allow_methods {
      items = local.second ? ["GET", "PUT"] : ["GET"]
    }

    access_control_allow_origins {
      items = ["https://example.com"]
    }
  }

  security_headers_config {
    content_security_policy {
      content_security_policy = local.second ? "default-src 'self'" : "default-src 'none'"
      override                = true
    }

    content_type_options {
      override = true
    }

    strict_transport_security {
      access_control_max_age_sec = 1000
      include_subdomains         = true
      override                   = true
    }
  }

  custom_headers_config {
    items {
      header   = "Permissions-Policy"
      value    = local.second ? "camera=(self)" : "camera=()"
      override = true
    }
  }

  dynamic "remove_headers_config" {
    for_each = local.second ? [1] : []
    content {
      items {
        header = "Server"
      }
    }
  }

  dynamic "server_timing_headers_config" {
    for_each = local.second ? [1] : []
    content {
      enabled       = true
      sampling_rate = 5
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  enabled             = true
  comment             = local.second ? "second" : "first"
  default_root_object = local.second ? "start.html" : "index.html"
  http_version        = local.second ? "http2and3" : "http2"
  is_ipv6_enabled     = local.second
  price_class         = local.second ? "PriceClass_All" : "PriceClass_100"
  aliases             = local.second ? ["www.${var.name}.example.com"] : []
  wait_for_deployment = false

  origin {
    origin_id                = "bucket"
    domain_name              = aws_s3_bucket.this.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.this.id
  }

  origin {
    origin_id           = "custom"
    domain_name         = "example.com"
    origin_path         = local.second ? "/second" : "/first"
    connection_attempts = local.second ? 1 : 3
    connection_timeout  = local.second ? 5 : 10

    custom_origin_config {
      http_port                = 80
      https_port               = 443
      origin_protocol_policy   = local.second ? "http-only" : "https-only"
      origin_ssl_protocols     = ["TLSv1.2"]
      origin_read_timeout      = local.second ? 10 : 30
      origin_keepalive_timeout = local.second ? 10 : 5
    }

    custom_header {
      name  = "x-api-key"
      value = local.second ? "second" : "first"
    }
  }

  dynamic "origin_group" {
    for_each = local.second ? [1] : []
    content {
      origin_id = "group"

      failover_criteria {
        status_codes = [500, 503]
      }

      member {
        origin_id = "bucket"
      }

      member {
        origin_id = "custom"
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = local.second ? "group" : "bucket"
    viewer_protocol_policy     = local.second ? "https-only" : "redirect-to-https"
    allowed_methods            = local.second ? ["GET", "HEAD", "OPTIONS"] : ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = !local.second
    cache_policy_id            = data.aws_cloudfront_cache_policy.optimized.id
    response_headers_policy_id = data.aws_cloudfront_response_headers_policy.security.id
    trusted_key_groups         = local.second ? [] : [aws_cloudfront_key_group.this.id]

    dynamic "function_association" {
      for_each = local.second ? ["viewer-response"] : ["viewer-request"]
      content {
        event_type   = function_association.value
        function_arn = aws_cloudfront_function.this.arn
      }
    }
  }

  ordered_cache_behavior {
    path_pattern               = local.second ? "/v2/*" : "/api/*"
    target_origin_id           = "custom"
    viewer_protocol_policy     = "https-only"
    allowed_methods            = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = aws_cloudfront_cache_policy.this.id
    origin_request_policy_id   = local.second ? data.aws_cloudfront_origin_request_policy.all.id : aws_cloudfront_origin_request_policy.this.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id
  }

  ordered_cache_behavior {
    path_pattern           = "/old/*"
    target_origin_id       = "custom"
    viewer_protocol_policy = "allow-all"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    min_ttl                = 0
    default_ttl            = local.second ? 60 : 30
    max_ttl                = 90

    forwarded_values {
      query_string = local.second
      headers      = local.second ? ["Origin"] : []

      cookies {
        forward           = local.second ? "whitelist" : "none"
        whitelisted_names = local.second ? ["session"] : []
      }
    }
  }

  custom_error_response {
    error_code            = 404
    error_caching_min_ttl = local.second ? 5 : 10
    response_code         = local.second ? 404 : null
    response_page_path    = local.second ? "/404.html" : null
  }

  restrictions {
    geo_restriction {
      restriction_type = local.second ? "none" : "whitelist"
      locations        = local.second ? [] : ["DE", "FR"]
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = !local.second
    acm_certificate_arn            = local.second ? aws_acm_certificate.this.arn : null
    minimum_protocol_version       = local.second ? "TLSv1.2_2021" : "TLSv1"
    ssl_support_method             = local.second ? "sni-only" : null
  }

  tags = local.second ? { team = "second" } : { team = "first", only = "first" }
}

resource "aws_cloudwatch_query_definition" "this" {
  name         = "${var.name}/errors"
  query_string = local.second ? "fields @message | limit 5" : "fields @message"
}
