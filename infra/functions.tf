# What the three functions share.

locals {
  # Lambda's name for the level that the functions' own logger calls by Python's.
  application_log_level = { DEBUG = "DEBUG", INFO = "INFO", WARNING = "WARN", ERROR = "ERROR", CRITICAL = "FATAL" }[var.log_level]
}

data "aws_iam_policy_document" "assume_by_lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

locals {
  functions = {
    uploads     = aws_lambda_function.uploads
    gallery     = aws_lambda_function.gallery
    thumbnailer = aws_lambda_function.thumbnailer
  }

  roles = {
    uploads     = aws_iam_role.uploads
    gallery     = aws_iam_role.gallery
    thumbnailer = aws_iam_role.thumbnailer
  }

  log_groups = {
    uploads     = aws_cloudwatch_log_group.uploads
    gallery     = aws_cloudwatch_log_group.gallery
    thumbnailer = aws_cloudwatch_log_group.thumbnailer
  }
}
