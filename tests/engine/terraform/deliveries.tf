# A distribution whose access logs go to a log group and to a bucket.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {
  description = "The name of each resource."
  type        = string
}

variable "variant" {
  description = "1 or 2: what can be changed in place differs."
  type        = number
}

provider "aws" {
  region                      = "us-east-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

resource "aws_cloudfront_distribution" "this" {
  enabled             = true
  wait_for_deployment = false

  origin {
    origin_id   = "main"
    domain_name = "example.com"

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id       = "main"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
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

resource "aws_s3_bucket" "logs" {
  bucket        = var.name
  force_destroy = true
}

resource "aws_cloudwatch_log_group" "logs" {
  name = var.name
}

resource "aws_cloudwatch_log_delivery_source" "this" {
  name         = var.name
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.this.arn
  tags         = { variant = var.variant }
}

resource "aws_cloudwatch_log_delivery_destination" "group" {
  name          = "${var.name}-group"
  output_format = "json"
  tags          = { variant = var.variant }

  delivery_destination_configuration {
    destination_resource_arn = aws_cloudwatch_log_group.logs.arn
  }
}

resource "aws_cloudwatch_log_delivery_destination" "bucket" {
  name          = "${var.name}-bucket"
  output_format = "w3c"

  delivery_destination_configuration {
    destination_resource_arn = "${aws_s3_bucket.logs.arn}/edge"
  }
}

# Not changed: version 5.100 of the provider cannot change a delivery that has no path in a bucket.
resource "aws_cloudwatch_log_delivery" "group" {
  delivery_source_name     = aws_cloudwatch_log_delivery_source.this.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.group.arn
  record_fields            = ["sc-status", "cs-method"]
}

resource "aws_cloudwatch_log_delivery" "bucket" {
  delivery_source_name     = aws_cloudwatch_log_delivery_source.this.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.bucket.arn
  field_delimiter          = var.variant == 1 ? "\t" : ","
  record_fields            = var.variant == 1 ? ["sc-status"] : ["sc-status", "cs-uri-stem"]
  tags                     = { variant = var.variant }

  s3_delivery_configuration = [{
    enable_hive_compatible_path = var.variant == 2
    suffix_path                 = var.variant == 1 ? "{DistributionId}" : "{yyyy}/{MM}"
  }]
}
