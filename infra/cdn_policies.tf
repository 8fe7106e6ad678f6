# The page's cache policy, the response headers of each behaviour, and the 404 for paths that are not files of the page.

locals {
  upload_origin = coalesce(
    var.upload_origin,
    var.transfer_acceleration ? "https://${local.image_bucket}.s3-accelerate.${local.dns_suffix}" : "https://${local.image_domain}"
  )

  # Only what the page uses: its placeholders are canvases, and photos are sent to the bucket directly.
  page_policy = join("; ", [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self' ${local.upload_origin}",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])

  features = ["accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb"]

  # Pages of other origins may call the API and show its images only if page_origins lists them.
  embedding = length(var.page_origins) == 0 ? "same-origin" : "cross-origin"

  # In addition to the headers of every response.
  answers = {
    page = {
      policy  = local.page_policy
      headers = { Cross-Origin-Opener-Policy = "same-origin", Cross-Origin-Resource-Policy = "same-origin" }
    }
    api = {
      policy  = "default-src 'none'; frame-ancestors 'none'"
      headers = { Cache-Control = "no-store", Cross-Origin-Resource-Policy = local.embedding }
    }
    thumbs = {
      policy  = "default-src 'none'; frame-ancestors 'none'; sandbox"
      headers = { Cross-Origin-Resource-Policy = local.embedding }
    }
    raw = {
      policy  = "default-src 'none'; frame-ancestors 'none'; sandbox"
      headers = { Content-Disposition = "attachment", Cache-Control = "private, no-store", Cross-Origin-Resource-Policy = local.embedding }
    }
  }

  permissions = join(", ", [for feature in local.features : "${feature}=()"])
}

resource "aws_cloudfront_response_headers_policy" "this" {
  # checkov:skip=CKV_AWS_259:preload and includeSubDomains would bind every other name below an alias, too

  for_each = { for key, answer in local.answers : key => answer if key != "raw" || var.original_downloads }

  name    = "${var.name}-${var.region}-${each.key}"
  comment = "Response headers of ${var.name}: ${each.key}."

  security_headers_config {
    content_security_policy {
      content_security_policy = each.value.policy
      override                = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = true
    }

    referrer_policy {
      referrer_policy = "no-referrer"
      override        = true
    }

    strict_transport_security {
      access_control_max_age_sec = 31536000
      override                   = true
    }
  }

  custom_headers_config {
    dynamic "items" {
      for_each = merge(each.value.headers, { Permissions-Policy = local.permissions })

      content {
        header   = items.key
        value    = items.value
        override = true
      }
    }
  }

  # The distribution drops its reference first.
  lifecycle {
    create_before_destroy = true
  }
}

# The page's files are `no-cache`, which CloudFront honours only with a minimum TTL of 0: cached, revalidated each time.
resource "aws_cloudfront_cache_policy" "page" {
  name        = "${var.name}-${var.region}-page"
  comment     = "Caches the page of ${var.name} as its Cache-Control says."
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 31536000

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "none"
    }

    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

locals {
  # File names as browsers encode them in a path.
  page_paths = [for path in sort(local.site_files) : "/${join("/", [for part in split("/", path) : replace(urlencode(part), "+", "%20")])}"]

  # AWS does not document whether response headers policies apply to a function's response: the function sets them.
  not_found_headers = {
    for name, value in merge(local.answers.page.headers, {
      Cache-Control             = "no-store"
      Content-Security-Policy   = local.page_policy
      Content-Type              = "text/html; charset=utf-8"
      Permissions-Policy        = local.permissions
      Referrer-Policy           = "no-referrer"
      Strict-Transport-Security = "max-age=31536000"
      X-Content-Type-Options    = "nosniff"
      X-Frame-Options           = "DENY"
    }) : lower(name) => { value = value }
  }

  page_function = templatefile("${path.module}/functions/page.js", {
    paths   = jsonencode(concat(["/", "/config.json"], local.page_paths))
    headers = jsonencode(local.not_found_headers)
    body    = jsonencode(file("${var.site_dir}/${local.not_found_page}"))
  })
}

resource "aws_cloudfront_function" "page" {
  name    = "${var.name}-${var.region}-page"
  comment = "Answers 404 if the page has no such file."
  runtime = "cloudfront-js-2.0"
  code    = local.page_function
  publish = true

  lifecycle {
    precondition {
      # Four characters of base64 are three bytes.
      condition     = length(base64encode(local.page_function)) * 3 / 4 <= 10240
      error_message = "The page's function is larger than CloudFront's 10 KB: site_dir has too many files, or its 404.html is too long."
    }
  }
}
