# The gallery function: lists, shows and deletes images.

resource "aws_lambda_function" "gallery" {
  # checkov:skip=CKV_AWS_116:API Gateway calls it and hears of a failure at once: there is nothing to be kept

  function_name                  = local.function_names.gallery
  description                    = "Lists, shows and deletes images."
  role                           = aws_iam_role.gallery.arn
  handler                        = "thumbpipe.entrypoints.gallery.handler"
  runtime                        = var.lambda_runtime
  architectures                  = [var.lambda_architecture]
  filename                       = "${var.package_dir}/gallery.zip"
  source_code_hash               = filebase64sha256("${var.package_dir}/gallery.zip")
  memory_size                    = var.functions.gallery.memory_mb
  timeout                        = var.functions.gallery.timeout_seconds
  reserved_concurrent_executions = var.functions.gallery.reserved_concurrency

  environment {
    variables = merge(local.function_environment.gallery, {
      THUMBPIPE_CURSOR_KEY_PARAMETER  = local.cursor_key_name
      THUMBPIPE_DELIVERY              = var.delivery
      THUMBPIPE_DELIVERY_URL          = local.distribution_url
      THUMBPIPE_DISTRIBUTION_ID       = aws_cloudfront_distribution.this.id
      THUMBPIPE_ORIGINAL_DOWNLOADS    = tostring(var.original_downloads)
      THUMBPIPE_PAGE_ORIGINS          = join(",", var.page_origins)
      THUMBPIPE_SIGNING_KEY_PARAMETER = local.signing_key_parameter
      THUMBPIPE_URL_EXPIRES_SECONDS   = tostring(var.url_expires_seconds)
    })
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.gallery.name
    application_log_level = local.application_log_level
    system_log_level      = "INFO"
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  # Before its role may write logs, a call would go unrecorded.
  depends_on = [aws_iam_role_policy.gallery]
}

resource "aws_cloudwatch_log_group" "gallery" {
  name              = local.log_group_names.gallery
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "gallery" {
  name               = local.function_names.gallery
  description        = "What the gallery function may do."
  assume_role_policy = data.aws_iam_policy_document.assume_by_lambda.json
}

resource "aws_iam_role_policy" "gallery" {
  name   = "gallery"
  role   = aws_iam_role.gallery.id
  policy = data.aws_iam_policy_document.gallery.json
}

data "aws_iam_policy_document" "gallery" {
  # Deleting an image means every version of it, and those are found by their prefix.
  statement {
    sid       = "FindVersions"
    actions   = ["s3:ListBucketVersions"]
    resources = [local.image_bucket_arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.source_prefix}*", "${local.rendition_prefix}*"]
    }
  }

  statement {
    sid       = "DeleteImages"
    actions   = ["s3:DeleteObjectVersion"]
    resources = [local.sources_arn, local.renditions_arn]
  }

  statement {
    sid       = "ReadAndDeleteEntries"
    actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem"]
    resources = [local.catalog_arn]
  }

  statement {
    sid       = "ListEntries"
    actions   = ["dynamodb:Query"]
    resources = [local.catalog_index_arn]
  }

  # The key that encrypts it is AWS's own for SSM, whose policy admits every caller that SSM admits: no kms:Decrypt.
  statement {
    sid       = "ReadCursorKey"
    actions   = ["ssm:GetParameter"]
    resources = [local.cursor_key_arn]
  }

  dynamic "statement" {
    for_each = var.delivery == "signed" ? [true] : []

    content {
      sid       = "ReadSigningKey"
      actions   = ["ssm:GetParameter"]
      resources = [local.signing_key_parameter_arn]
    }
  }

  # What is deleted must not live on in the edge locations.
  statement {
    sid       = "ForgetDeletedImages"
    actions   = ["cloudfront:CreateInvalidation"]
    resources = [local.distribution_arn]
  }

  statement {
    sid       = "WriteItsOwnLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arns.gallery}:*"]
  }

  dynamic "statement" {
    for_each = var.tracing ? [true] : []

    content {
      sid       = "SendTraces"
      actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      resources = ["*"] # X-Ray knows no resource for these two.
    }
  }
}

resource "aws_lambda_permission" "gallery" {
  for_each = { List = "images", Single = "images/*" }

  statement_id  = "CalledByTheApi${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.gallery.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${local.stage_name}/*/api/${each.value}"
}

# The key that signs the cursors of the image list. Terraform draws it from the system's random numbers (256 bits of
# them) while it applies; a write-only argument is in no plan and no state, and is sent only when its version changes.
resource "aws_ssm_parameter" "cursor_key" {
  name             = local.cursor_key_name
  description      = "Key that signs the cursors of the image list."
  type             = "SecureString"
  value_wo         = "${uuid()}${uuid()}"
  value_wo_version = var.cursor_key_version
}
