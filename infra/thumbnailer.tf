# The thumbnailer: takes photos from the queue, makes their renditions and writes their entries.

resource "aws_lambda_function" "thumbnailer" {
  # checkov:skip=CKV_AWS_116:its queue has the dead-letter queue

  function_name                  = local.function_names.thumbnailer
  description                    = "Makes the renditions of a photo."
  role                           = aws_iam_role.thumbnailer.arn
  handler                        = "thumbpipe.entrypoints.thumbnailer.handler"
  runtime                        = var.lambda_runtime
  architectures                  = [var.lambda_architecture]
  filename                       = "${var.package_dir}/thumbnailer.zip"
  source_code_hash               = filebase64sha256("${var.package_dir}/thumbnailer.zip")
  memory_size                    = var.functions.thumbnailer.memory_mb
  timeout                        = var.functions.thumbnailer.timeout_seconds
  reserved_concurrent_executions = var.functions.thumbnailer.reserved_concurrency

  environment {
    variables = merge(local.function_environment.thumbnailer, {
      THUMBPIPE_MAX_EDGE_PIXELS   = tostring(var.max_edge_pixels)
      THUMBPIPE_MAX_FRAMES        = tostring(var.max_frames)
      THUMBPIPE_MAX_MEGAPIXELS    = tostring(var.max_megapixels)
      THUMBPIPE_MAX_UPLOAD_BYTES  = tostring(var.max_upload_bytes)
      THUMBPIPE_THUMBNAIL_FORMATS = join(",", var.thumbnail_formats)
      THUMBPIPE_THUMBNAIL_WIDTHS  = join(",", var.thumbnail_widths)
    })
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.thumbnailer.name
    application_log_level = local.application_log_level
    system_log_level      = "INFO"
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  # Before its role may write logs, a call would go unrecorded.
  depends_on = [aws_iam_role_policy.thumbnailer]
}

resource "aws_cloudwatch_log_group" "thumbnailer" {
  name              = local.log_group_names.thumbnailer
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "thumbnailer" {
  name               = local.function_names.thumbnailer
  description        = "What the thumbnailer function may do."
  assume_role_policy = data.aws_iam_policy_document.assume_by_lambda.json
}

resource "aws_iam_role_policy" "thumbnailer" {
  name   = "thumbnailer"
  role   = aws_iam_role.thumbnailer.id
  policy = data.aws_iam_policy_document.thumbnailer.json
}

data "aws_iam_policy_document" "thumbnailer" {
  statement {
    sid       = "TakeMessages"
    actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    resources = [local.queue_arn]
  }

  # Always the version that the event names: a photo that came later has an event of its own.
  statement {
    sid       = "ReadPhotos"
    actions   = ["s3:GetObjectVersion"]
    resources = [local.sources_arn]
  }

  # Versions are listed to find what an older delivery left. Besides, S3 tells only those who may list that a photo is
  # gone (404), and calls it forbidden (403) to others: reading has no prefix, so there is no condition on one.
  statement {
    sid       = "FindVersionsAndTellGoneFromForbidden"
    actions   = ["s3:ListBucket", "s3:ListBucketVersions"]
    resources = [local.image_bucket_arn]
  }

  statement {
    sid       = "ReplaceRenditions"
    actions   = ["s3:DeleteObjectVersion", "s3:PutObject"]
    resources = [local.renditions_arn]
  }

  statement {
    sid       = "WriteEntries"
    actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:UpdateItem"]
    resources = [local.catalog_arn]
  }

  statement {
    sid       = "WriteItsOwnLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arns.thumbnailer}:*"]
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

resource "aws_lambda_event_source_mapping" "thumbnailer" {
  event_source_arn        = aws_sqs_queue.photos.arn
  function_name           = aws_lambda_function.thumbnailer.arn
  batch_size              = var.batch_size
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.maximum_concurrency
  }
}
