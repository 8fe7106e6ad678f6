# The page: a private bucket with the files of site_dir and config.json, which has the API's address. Only the
# distribution may read it.

locals {
  page_key       = "index.html"
  not_found_page = "404.html" # Embedded in the distribution's function, not in the bucket.

  content_types = {
    css         = "text/css; charset=utf-8"
    html        = "text/html; charset=utf-8"
    ico         = "image/x-icon"
    jpg         = "image/jpeg"
    js          = "text/javascript; charset=utf-8"
    json        = "application/json"
    png         = "image/png"
    svg         = "image/svg+xml"
    txt         = "text/plain; charset=utf-8"
    webmanifest = "application/manifest+json"
    webp        = "image/webp"
    woff2       = "font/woff2"
  }

  # Dot files and Markdown are not published.
  site_files = toset([
    for path in fileset(var.site_dir, "**") : path
    if !startswith(basename(path), ".") && !endswith(path, ".md") && !contains(["config.json", local.not_found_page], path)
  ])
}

resource "aws_s3_bucket" "site" {
  # checkov:skip=CKV_AWS_21:its files come from the checkout; Terraform can upload them again
  # checkov:skip=CKV2_AWS_61:without versions and multipart uploads there is nothing to expire
  # checkov:skip=CKV2_AWS_62:nothing reacts to changes of the page's files

  bucket        = local.site_bucket
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "site" {
  bucket                  = aws_s3_bucket.site.bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "site" {
  bucket = aws_s3_bucket.site.bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "site" {
  bucket = aws_s3_bucket.site.bucket

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_policy" "site" {
  bucket = aws_s3_bucket.site.bucket
  policy = data.aws_iam_policy_document.site_bucket.json
}

data "aws_iam_policy_document" "site_bucket" {
  statement {
    sid       = "ReadByTheDistribution"
    actions   = ["s3:GetObject"]
    resources = ["${local.site_bucket_arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.distribution_arn]
    }
  }

  statement {
    sid       = "RefusePlainHttp"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.site_bucket_arn, "${local.site_bucket_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_object" "site" {
  for_each = local.site_files

  bucket        = aws_s3_bucket.site.bucket
  key           = each.value
  source        = "${var.site_dir}/${each.value}"
  source_hash   = filesha256("${var.site_dir}/${each.value}")
  content_type  = lookup(local.content_types, reverse(split(".", each.value))[0], "application/octet-stream")
  cache_control = "no-cache" # File names carry no version: browsers revalidate each time (304).
}

resource "aws_s3_object" "config" {
  bucket        = aws_s3_bucket.site.bucket
  key           = "config.json"
  content       = jsonencode({ apiUrl = "" }) # The page's own origin.
  content_type  = "application/json"
  cache_control = "no-cache"
}
