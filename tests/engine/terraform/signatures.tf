# A bit of each service that a stack of functions has, made with the root's key.
variable "name" {
  description = "Prefix of all names."
  type        = string
}

variable "runtime" {
  description = "Lambda's runtime."
  type        = string
}

provider "aws" {
  s3_use_path_style = true
}

resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_s3_object" "this" {
  bucket  = aws_s3_bucket.this.id
  key     = "odd name/ä+%.txt"
  content = "hello"
}

resource "aws_dynamodb_table" "this" {
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_sns_topic" "this" {
  name = var.name
}

resource "aws_ssm_parameter" "this" {
  name  = "/${var.name}/secret"
  type  = "SecureString"
  value = "a value"
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 1
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  role          = aws_iam_role.this.arn
  runtime       = var.runtime
  handler       = "main.handler"
  filename      = "function.zip"
}

resource "aws_cloudfront_distribution" "this" {
  enabled             = true
  wait_for_deployment = false

  origin {
    origin_id   = "this"
    domain_name = "example.com"

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id       = "this"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    viewer_protocol_policy = "allow-all"
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

data "aws_caller_identity" "this" {}

output "arn" {
  description = "Who made it."
  value       = data.aws_caller_identity.this.arn
}
