# The uploads function: promises uploads. POST /api/uploads answers with a presigned POST.

resource "aws_lambda_function" "uploads" {
  # checkov:skip=CKV_AWS_116:API Gateway calls it and hears of a failure at once: there is nothing to be kept

  function_name                  = local.function_names.uploads
  description                    = "Promises an upload: a presigned POST and a pending entry."
  role                           = aws_iam_role.uploads.arn
  handler                        = "thumbpipe.entrypoints.uploads.handler"
  runtime                        = var.lambda_runtime
  architectures                  = [var.lambda_architecture]
  filename                       = "${var.package_dir}/uploads.zip"
  source_code_hash               = filebase64sha256("${var.package_dir}/uploads.zip")
  memory_size                    = var.functions.uploads.memory_mb
  timeout                        = var.functions.uploads.timeout_seconds
  reserved_concurrent_executions = var.functions.uploads.reserved_concurrency

  environment {
    variables = merge(local.function_environment.uploads, {
      THUMBPIPE_MAX_UPLOAD_BYTES       = tostring(var.max_upload_bytes)
      THUMBPIPE_PAGE_ORIGINS           = join(",", var.page_origins)
      THUMBPIPE_PENDING_TTL_SECONDS    = tostring(var.pending_ttl_seconds)
      THUMBPIPE_TRANSFER_ACCELERATION  = tostring(var.transfer_acceleration)
      THUMBPIPE_UPLOAD_EXPIRES_SECONDS = tostring(var.upload_expires_seconds)
    })
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.uploads.name
    application_log_level = local.application_log_level
    system_log_level      = "INFO"
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  # Before its role may write logs, a call would go unrecorded.
  depends_on = [aws_iam_role_policy.uploads]
}

resource "aws_cloudwatch_log_group" "uploads" {
  name              = local.log_group_names.uploads
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "uploads" {
  name               = local.function_names.uploads
  description        = "What the uploads function may do."
  assume_role_policy = data.aws_iam_policy_document.assume_by_lambda.json
}

resource "aws_iam_role_policy" "uploads" {
  name   = "uploads"
  role   = aws_iam_role.uploads.id
  policy = data.aws_iam_policy_document.uploads.json
}

data "aws_iam_policy_document" "uploads" {
  # Whoever holds a presigned POST acts as this role: it is what lets the browser's upload in.
  statement {
    sid       = "SignUploads"
    actions   = ["s3:PutObject"]
    resources = [local.sources_arn]
  }

  statement {
    sid       = "WriteEntries"
    actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [local.catalog_arn]
  }

  statement {
    sid       = "WriteItsOwnLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arns.uploads}:*"]
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

resource "aws_lambda_permission" "uploads" {
  statement_id  = "CalledByTheApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.uploads.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${local.stage_name}/*/api/uploads"
}
