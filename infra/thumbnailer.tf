# The thumbnailer: takes photos from the queue, makes their renditions and writes their entries.

module "thumbnailer" {
  source = "./modules/function"

  component             = "thumbnailer"
  function_name         = local.function_names.thumbnailer
  description           = "Makes the renditions of a photo."
  policy_json           = data.aws_iam_policy_document.thumbnailer.json
  package               = "${var.package_dir}/thumbnailer.zip"
  runtime               = var.lambda_runtime
  architecture          = var.lambda_architecture
  size                  = var.functions.thumbnailer
  log_group_name        = local.log_group_names.thumbnailer
  log_group_arn         = local.log_group_arns.thumbnailer
  log_retention_days    = var.log_retention_days
  application_log_level = local.application_log_level
  tracing               = var.tracing

  environment = merge(local.function_environment.thumbnailer, {
    THUMBPIPE_MAX_EDGE_PIXELS   = tostring(var.max_edge_pixels)
    THUMBPIPE_MAX_FRAMES        = tostring(var.max_frames)
    THUMBPIPE_MAX_MEGAPIXELS    = tostring(var.max_megapixels)
    THUMBPIPE_MAX_RECEIVE_COUNT = tostring(local.max_receive_count)
    THUMBPIPE_MAX_UPLOAD_BYTES  = tostring(var.max_upload_bytes)
    THUMBPIPE_THUMBNAIL_FORMATS = join(",", var.thumbnail_formats)
    THUMBPIPE_THUMBNAIL_WIDTHS  = join(",", var.thumbnail_widths)
  })
}

data "aws_iam_policy_document" "thumbnailer" {
  statement {
    sid       = "TakeMessages"
    actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
    resources = [local.queue_arn]
  }

  # Always the version in the event: a later photo has its own event.
  statement {
    sid       = "ReadPhotos"
    actions   = ["s3:GetObjectVersion"]
    resources = [local.sources_arn]
  }

  # Versions are listed to find the leftovers of an earlier delivery. Also, S3 answers 404 for a missing photo only to callers
  # who may list the bucket, and 403 to others; reading has no prefix, so there is no condition on one.
  statement {
    sid       = "FindVersionsAndTellGoneFromForbidden"
    actions   = ["s3:ListBucket", "s3:ListBucketVersions"]
    resources = [local.image_bucket_arn]
  }

  # A photo that was uploaded for an image deleted in the meantime.
  statement {
    sid       = "RemovePhotosOfDeletedImages"
    actions   = ["s3:DeleteObjectVersion"]
    resources = [local.sources_arn]
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
}

resource "aws_lambda_event_source_mapping" "thumbnailer" {
  event_source_arn        = aws_sqs_queue.photos.arn
  function_name           = module.thumbnailer.function.arn
  batch_size              = var.batch_size
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.maximum_concurrency
  }
}
