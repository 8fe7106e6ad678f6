# One distribution in front of the page, the API and the images. docs/edge.md has a diagram.

locals {
  # Bucket names are known in advance, so the distribution does not wait for the buckets.
  site_domain  = "${local.site_bucket}.s3.${var.region}.${local.dns_suffix}"
  image_domain = "${local.image_bucket}.s3.${var.region}.${local.dns_suffix}"
  api_domain   = "${aws_api_gateway_rest_api.this.id}.execute-api.${var.region}.${local.dns_suffix}"

  # Referring to the distribution by this name keeps policy documents known in a plan that changes it otherwise.
  distribution_arn = aws_cloudfront_distribution.this.arn

  distribution_url = (
    var.distribution_url == null
    ? "https://${concat(var.aliases, [aws_cloudfront_distribution.this.domain_name])[0]}"
    : replace(var.distribution_url, "{id}", lower(aws_cloudfront_distribution.this.id))
  )

  # The page is served under each of its names.
  own_origins = distinct(concat([local.distribution_url], [for alias in var.aliases : "https://${alias}"]))

  # AWS's managed policies; their ids are the same in every account.
  managed_policies = {
    caching_disabled              = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" # Managed-CachingDisabled
    caching_uncompressed          = "b2884449-e4de-46a7-ac36-70bc7f1ddd6d" # Managed-CachingOptimizedForUncompressedObjects
    all_viewer_except_host_header = "b689b0a8-53d0-40ab-baf2-68738e2966ac" # Managed-AllViewerExceptHostHeader
  }

  image_behaviors = merge(
    # Images are compressed already. A policy with compression would cache each three times: gzip, br and identity.
    { thumbs = { path = "${local.rendition_prefix}*", cache_policy_id = local.managed_policies.caching_uncompressed } },
    var.original_downloads
    ? { raw = { path = "${local.source_prefix}*", cache_policy_id = local.managed_policies.caching_disabled } }
    : {}
  )
}

resource "aws_cloudfront_origin_access_control" "s3" {
  name                              = "${var.name}-${var.region}"
  description                       = "Signs CloudFront's requests to the buckets of ${var.name}."
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "this" {
  # checkov:skip=CKV_AWS_86:the variable access_logs enables standard logging v2, which this check does not know
  # checkov:skip=CKV_AWS_310:no origin has a replica to fail over to
  # checkov:skip=CKV2_AWS_47:the managed group exists and blocks; this check does not follow dynamic blocks, waf.tftest.hcl does

  comment             = "${var.name}: the page, the API and the images."
  enabled             = true
  aliases             = var.aliases
  default_root_object = local.page_key
  http_version        = "http2and3"
  is_ipv6_enabled     = true
  price_class         = var.price_class
  wait_for_deployment = var.wait_for_deployment
  web_acl_id          = one(aws_wafv2_web_acl.edge[*].arn)

  origin {
    origin_id                = "site"
    domain_name              = local.site_domain
    origin_access_control_id = aws_cloudfront_origin_access_control.s3.id
  }

  origin {
    origin_id                = "images"
    domain_name              = local.image_domain
    origin_access_control_id = aws_cloudfront_origin_access_control.s3.id
  }

  origin {
    origin_id   = "api"
    domain_name = local.api_domain
    origin_path = "/${local.stage_name}"

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      origin_read_timeout    = 30 # One second longer than API Gateway's own timeout: its error response gets through.
    }

    # Replaces a viewer's header of this name. Taken from the usage plan: API Gateway rejects a key without one.
    dynamic "custom_header" {
      for_each = aws_api_gateway_usage_plan_key.edge

      content {
        name  = "x-api-key"
        value = sensitive(custom_header.value.value)
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = "site"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = aws_cloudfront_cache_policy.page.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this["page"].id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.page.arn
    }
  }

  ordered_cache_behavior {
    path_pattern               = "/api/*"
    target_origin_id           = "api"
    viewer_protocol_policy     = "https-only"
    allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"] # The smallest set of CloudFront's with DELETE and POST.
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = local.managed_policies.caching_disabled
    origin_request_policy_id   = local.managed_policies.all_viewer_except_host_header
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this["api"].id
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.image_behaviors

    content {
      path_pattern               = "/${ordered_cache_behavior.value.path}"
      target_origin_id           = "images"
      viewer_protocol_policy     = "https-only"
      allowed_methods            = ["GET", "HEAD"]
      cached_methods             = ["GET", "HEAD"]
      compress                   = false
      cache_policy_id            = ordered_cache_behavior.value.cache_policy_id
      response_headers_policy_id = aws_cloudfront_response_headers_policy.this[ordered_cache_behavior.key].id
      trusted_key_groups         = aws_cloudfront_key_group.this[*].id
    }
  }

  # By default CloudFront caches errors for ten seconds, most of them in spite of `no-store`: an API response, or a
  # rendition that does not exist yet. Here it caches none, and the origin's response body is kept.
  dynamic "custom_error_response" {
    for_each = toset([400, 403, 404, 405, 414, 500, 501, 502, 503, 504])

    content {
      error_code            = custom_error_response.value
      error_caching_min_ttl = 0
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = var.geo_restriction.type
      locations        = var.geo_restriction.locations
    }
  }

  # With CloudFront's own certificate the minimum is fixed at TLSv1; AWS refuses any other.
  viewer_certificate {
    cloudfront_default_certificate = var.certificate_arn == null
    acm_certificate_arn            = var.certificate_arn
    minimum_protocol_version       = var.certificate_arn == null ? "TLSv1" : "TLSv1.2_2021"
    ssl_support_method             = var.certificate_arn == null ? null : "sni-only"
  }
}
