# The image bucket (photos under raw/, renditions under thumbs/) and the catalog table.

resource "aws_s3_bucket" "images" {
  bucket        = local.image_bucket
  force_destroy = var.force_destroy
}

# AWS takes about a minute to confirm this one, so nothing depends on it, and it depends on the bucket only.
resource "aws_s3_bucket_lifecycle_configuration" "images" {
  bucket = aws_s3_bucket.images.bucket

  rule {
    id     = "tidy"
    status = "Enabled"
    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }

    noncurrent_version_expiration {
      noncurrent_days = 7
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  dynamic "rule" {
    for_each = var.source_expiration_days[*]

    content {
      id     = "expire-originals"
      status = "Enabled"

      filter {
        prefix = local.source_prefix
      }

      expiration {
        days = rule.value
      }
    }
  }
}

resource "aws_s3_bucket_public_access_block" "images" {
  bucket                  = aws_s3_bucket.images.bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "images" {
  bucket = aws_s3_bucket.images.bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "images" {
  bucket = aws_s3_bucket.images.bucket

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "images" {
  bucket = aws_s3_bucket.images.bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_cors_configuration" "images" {
  bucket = aws_s3_bucket.images.bucket

  cors_rule {
    allowed_origins = distinct(concat(local.own_origins, var.page_origins))
    allowed_methods = ["POST"] # Reads go through the distribution.
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3600
  }
}

resource "aws_s3_bucket_accelerate_configuration" "images" {
  count  = var.transfer_acceleration ? 1 : 0
  bucket = aws_s3_bucket.images.bucket
  status = "Enabled"
}

resource "aws_s3_bucket_policy" "images" {
  bucket = aws_s3_bucket.images.bucket
  policy = data.aws_iam_policy_document.images_bucket.json
}

data "aws_iam_policy_document" "images_bucket" {
  statement {
    sid       = "ReadByTheDistribution"
    actions   = ["s3:GetObject"]
    resources = concat([local.renditions_arn], var.original_downloads ? [local.sources_arn] : [])

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

  # S3 answers 404 for a missing object only to callers who may list the bucket, and 403 to others. No cache behaviour
  # leads to the bucket's root, the only path that would list anything.
  statement {
    sid       = "TellGoneFromForbidden"
    actions   = ["s3:ListBucket"]
    resources = [local.image_bucket_arn]

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
    resources = [local.image_bucket_arn, "${local.image_bucket_arn}/*"]

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

resource "aws_s3_bucket_notification" "images" {
  bucket = aws_s3_bucket.images.bucket

  # Under raw/ only: a rendition must never trigger the thumbnailer.
  queue {
    id            = "photos"
    queue_arn     = aws_sqs_queue.photos.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = local.source_prefix
  }
}

# Encrypted at rest with the AWS owned key of DynamoDB, the default: no charge and no KMS quota.
resource "aws_dynamodb_table" "catalog" {
  name                        = local.catalog_table
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "id"
    type = "S"
  }

  attribute {
    name = "bucket_month"
    type = "S"
  }

  attribute {
    name = "sort_key"
    type = "S"
  }

  global_secondary_index {
    name            = local.catalog_index
    hash_key        = "bucket_month"
    range_key       = "sort_key"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }
}
