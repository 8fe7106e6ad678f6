# The distribution, its keys and its logs, for each of its variables.

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

run "edge_with_the_defaults" {
  command = plan

  assert {
    condition     = [for behavior in aws_cloudfront_distribution.this.ordered_cache_behavior : behavior.path_pattern] == ["/api/*", "/raw/*", "/thumbs/*"]
    error_message = "A path has no behaviour, or that of another."
  }

  assert {
    condition     = [for behavior in aws_cloudfront_distribution.this.ordered_cache_behavior : behavior.target_origin_id] == ["api", "images", "images"] && aws_cloudfront_distribution.this.default_cache_behavior[0].target_origin_id == "site"
    error_message = "A path has the wrong origin."
  }

  assert {
    condition     = { for origin in aws_cloudfront_distribution.this.origin : origin.origin_id => join("", compact([origin.domain_name, origin.origin_path])) } == { site = "photos-site-123456789012-eu-central-1.s3.eu-central-1.amazonaws.com", images = "photos-images-123456789012-eu-central-1.s3.eu-central-1.amazonaws.com", api = "abc123.execute-api.eu-central-1.amazonaws.com/live" }
    error_message = "An origin is not the address of its bucket or of the API."
  }

  assert {
    condition     = alltrue([for behavior in concat(aws_cloudfront_distribution.this.ordered_cache_behavior, aws_cloudfront_distribution.this.default_cache_behavior) : behavior.viewer_protocol_policy == (behavior.target_origin_id == "site" ? "redirect-to-https" : "https-only")])
    error_message = "Something is served over plain HTTP."
  }

  assert {
    condition     = alltrue([for behavior in concat(aws_cloudfront_distribution.this.ordered_cache_behavior, aws_cloudfront_distribution.this.default_cache_behavior) : behavior.allowed_methods == toset(["GET", "HEAD"]) || behavior.target_origin_id == "api"])
    error_message = "A bucket receives methods other than GET and HEAD."
  }

  assert {
    condition     = [for behavior in aws_cloudfront_distribution.this.ordered_cache_behavior : behavior.cache_policy_id] == ["4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "b2884449-e4de-46a7-ac36-70bc7f1ddd6d"]
    error_message = "The API or originals are cached, or renditions are not."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.ordered_cache_behavior[0].origin_request_policy_id == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    error_message = "The API does not receive what the viewer sent, or receives the distribution's host."
  }

  assert {
    condition     = aws_cloudfront_cache_policy.page.min_ttl == 0 && aws_cloudfront_cache_policy.page.default_ttl == 0
    error_message = "The page is served without revalidating its ETag."
  }

  assert {
    condition     = alltrue([for answer in aws_cloudfront_distribution.this.custom_error_response : answer.error_caching_min_ttl == 0 && answer.response_code == null]) && toset([for answer in aws_cloudfront_distribution.this.custom_error_response : answer.error_code]) == toset([400, 403, 404, 405, 414, 500, 501, 502, 503, 504])
    error_message = "An error is cached, or replaces an origin's own."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.http_version == "http2and3" && aws_cloudfront_distribution.this.is_ipv6_enabled && aws_cloudfront_distribution.this.price_class == "PriceClass_100" && aws_cloudfront_distribution.this.wait_for_deployment
    error_message = "The distribution lacks a protocol, uses too many locations, or is not waited for."
  }

  assert {
    condition     = alltrue([for origin in aws_cloudfront_distribution.this.origin : one(origin.custom_origin_config).origin_protocol_policy == "https-only" && one(origin.custom_origin_config).origin_ssl_protocols == toset(["TLSv1.2"]) if origin.origin_id == "api"])
    error_message = "The API is called over plain HTTP or old TLS."
  }

  assert {
    condition     = aws_cloudfront_origin_access_control.s3.signing_behavior == "always" && aws_cloudfront_origin_access_control.s3.origin_access_control_origin_type == "s3"
    error_message = "The buckets receive unsigned requests."
  }

  assert {
    condition     = alltrue([for origin in aws_cloudfront_distribution.this.origin : toset([for header in origin.custom_header : header.name]) == toset(["x-api-key"]) if origin.origin_id == "api"])
    error_message = "The API does not receive the distribution's key."
  }

  assert {
    condition     = alltrue([for path in values(jsondecode(local.api_body).paths) : alltrue([for method, operation in path : can(operation.security) == (method != "options")])])
    error_message = "A method does not require the distribution's key, or a preflight does."
  }

  assert {
    condition     = alltrue([for answer in values(jsondecode(local.api_body).x-amazon-apigateway-gateway-responses) : !contains(keys(answer.responseParameters), "gatewayresponse.header.Access-Control-Allow-Origin")]) && local.cors_template == ""
    error_message = "Without page_origins, an origin is allowed."
  }

  assert {
    condition     = alltrue([for behavior in aws_cloudfront_distribution.this.ordered_cache_behavior : length(coalesce(behavior.trusted_key_groups, [])) == 0]) && length(aws_cloudfront_public_key.this) == 0 && output.key_group_id == null && length(output.public_key_ids) == 0
    error_message = "Public delivery requires a signature."
  }

  assert {
    condition     = length(aws_cloudwatch_log_delivery.edge) == 0 && length(aws_cloudwatch_log_group.edge) == 0
    error_message = "Requests are logged without access_logs."
  }

  assert {
    condition     = module.gallery.function.environment[0].variables.THUMBPIPE_DELIVERY == "public" && module.gallery.function.environment[0].variables.THUMBPIPE_DELIVERY_URL == "https://d1.cloudfront.net" && module.gallery.function.environment[0].variables.THUMBPIPE_DISTRIBUTION_ID == "E1EXAMPLE" && module.gallery.function.environment[0].variables.THUMBPIPE_ORIGINAL_DOWNLOADS == "true"
    error_message = "The gallery does not have the URL of the images."
  }

  assert {
    condition     = one(aws_s3_bucket_cors_configuration.images.cors_rule).allowed_origins == toset(["https://d1.cloudfront.net"])
    error_message = "Pages other than the distribution's may upload."
  }

  assert {
    condition     = aws_cloudfront_function.page.publish && strcontains(aws_cloudfront_function.page.code, jsonencode(["/", "/config.json", "/index.html", "/js/main.js"]))
    error_message = "The page's function does not contain the page's files."
  }

  assert {
    condition     = !contains(keys(aws_s3_object.site), "404.html") && strcontains(aws_cloudfront_function.page.code, "There is no such page.")
    error_message = "The page for unknown addresses is not in the function, or has its own address."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.viewer_certificate[0].cloudfront_default_certificate && aws_cloudfront_distribution.this.restrictions[0].geo_restriction[0].restriction_type == "none"
    error_message = "Without aliases, the distribution does not use CloudFront's certificate, or it refuses countries."
  }
}

run "edge_with_aliases" {
  command = plan

  variables {
    aliases         = ["photos.example.com", "bilder.example.com"]
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000"
    price_class     = "PriceClass_All"
    geo_restriction = { type = "whitelist", locations = ["CH", "DE"] }
    access_logs     = true
    page_origins    = ["https://blog.example.com"]
    upload_origin   = "https://uploads.example.com"
  }

  assert {
    condition     = aws_cloudfront_distribution.this.aliases == toset(["photos.example.com", "bilder.example.com"]) && output.page_url == "https://photos.example.com/"
    error_message = "The page's address is not the first alias."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" && aws_cloudfront_distribution.this.viewer_certificate[0].ssl_support_method == "sni-only"
    error_message = "Old TLS is accepted."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.price_class == "PriceClass_All" && aws_cloudfront_distribution.this.restrictions[0].geo_restriction[0].locations == toset(["CH", "DE"])
    error_message = "price_class or geo_restriction does not reach the distribution."
  }

  assert {
    condition     = one(aws_s3_bucket_cors_configuration.images.cors_rule).allowed_origins == toset(["https://photos.example.com", "https://bilder.example.com", "https://blog.example.com"])
    error_message = "The page cannot upload from one of its aliases, or another allowed page cannot."
  }

  assert {
    condition     = aws_cloudwatch_log_delivery_source.edge[0].log_type == "ACCESS_LOGS" && aws_cloudwatch_log_group.edge[0].retention_in_days == 30 && !contains(aws_cloudwatch_log_delivery.edge[0].record_fields, "cs-uri-query")
    error_message = "Requests are not logged, or their logs have no end or contain signatures."
  }

  assert {
    condition     = strcontains(aws_cloudfront_response_headers_policy.this["page"].security_headers_config[0].content_security_policy[0].content_security_policy, "connect-src 'self' https://uploads.example.com;")
    error_message = "The page may not send photos to upload_origin."
  }

  assert {
    condition     = anytrue([for item in one(aws_cloudfront_response_headers_policy.this["thumbs"].custom_headers_config).items : item.header == "Cross-Origin-Resource-Policy" && item.value == "cross-origin"])
    error_message = "A page of page_origins may not show a thumbnail."
  }
}

run "edge_with_signed_delivery" {
  command = plan

  variables {
    delivery              = "signed"
    transfer_acceleration = true

    signing_public_keys = {
      new = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK==\n-----END PUBLIC KEY-----\n"
      old = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL==\n-----END PUBLIC KEY-----"
    }
  }

  assert {
    condition     = [for behavior in aws_cloudfront_distribution.this.ordered_cache_behavior : length(coalesce(behavior.trusted_key_groups, []))] == [0, 1, 1] && length(aws_cloudfront_key_group.this) == 1
    error_message = "An image does not require a signature, or the API does."
  }

  assert {
    condition     = length(aws_cloudfront_public_key.this) == 2 && alltrue([for key in aws_cloudfront_public_key.this : endswith(key.encoded_key, "-----END PUBLIC KEY-----\n")]) && length(distinct([for key in aws_cloudfront_public_key.this : key.name])) == 2
    error_message = "A key is missing, or the end of its last line would replace it."
  }

  assert {
    condition     = module.gallery.function.environment[0].variables.THUMBPIPE_DELIVERY == "signed" && module.gallery.function.environment[0].variables.THUMBPIPE_SIGNING_KEY_PARAMETER == output.signing_key_parameter && endswith(local.signing_key_parameter_arn, ":parameter${output.signing_key_parameter}")
    error_message = "The gallery does not have the parameter of the signing key."
  }

  assert {
    condition     = strcontains(local.page_policy, "connect-src 'self' https://photos-images-123456789012-eu-central-1.s3-accelerate.amazonaws.com;")
    error_message = "The page may not send photos to the accelerated endpoint."
  }
}

run "edge_without_originals_and_restriction" {
  command = plan

  variables {
    original_downloads = false
    restrict_api       = false
  }

  assert {
    condition     = [for behavior in aws_cloudfront_distribution.this.ordered_cache_behavior : behavior.path_pattern] == ["/api/*", "/thumbs/*"] && module.gallery.function.environment[0].variables.THUMBPIPE_ORIGINAL_DOWNLOADS == "false" && !contains(keys(aws_cloudfront_response_headers_policy.this), "raw")
    error_message = "Originals can be downloaded, or the gallery returns their URLs."
  }

  assert {
    condition     = length(aws_api_gateway_api_key.edge) == 0 && length(aws_api_gateway_usage_plan.edge) == 0 && alltrue([for origin in aws_cloudfront_distribution.this.origin : length(origin.custom_header) == 0])
    error_message = "There is a key that is not required."
  }

  assert {
    condition     = !strcontains(local.api_body, "\"security\"") && !strcontains(local.api_body, "securitySchemes")
    error_message = "The API requires a key that does not exist."
  }
}

run "edge_with_a_page_too_large_for_its_function" {
  command = plan

  variables {
    site_dir = "tests/fixtures/large_site"
  }

  expect_failures = [aws_cloudfront_function.page]
}
