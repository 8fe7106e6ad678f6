# Between S3 and the thumbnailer: a queue, and a dead-letter queue for photos that keep failing.

locals {
  # AWS recommends a visibility timeout of six times the function's timeout, so that a message never becomes visible
  # again while a throttled poller retries.
  visibility_timeout_seconds = 6 * var.functions.thumbnailer.timeout_seconds

  # How often a message is delivered before it is moved to the dead-letter queue. The thumbnailer records a failure before
  # the last delivery, during which it may run out of time or memory.
  max_receive_count = 5
}

resource "aws_sqs_queue" "photos" {
  name                       = local.queue_name
  visibility_timeout_seconds = local.visibility_timeout_seconds
  message_retention_seconds  = 4 * 24 * 3600 # Less than the dead-letter queue's, which counts from the first enqueueing.
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true

  # Inline: a separate aws_sqs_queue_policy would wait for AWS a second time, and so would S3's notification.
  policy = data.aws_iam_policy_document.photos_queue.json
}

resource "aws_sqs_queue" "dead_letter" {
  name                      = local.dead_letter_name
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
  policy                    = data.aws_iam_policy_document.dead_letter_queue.json

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arn]
  })
}

# A separate resource, since AWS refuses a redrive policy whose target does not exist yet: inline, the photo queue would
# wait for the dead-letter queue.
resource "aws_sqs_queue_redrive_policy" "photos" {
  queue_url = aws_sqs_queue.photos.url

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter.arn
    maxReceiveCount     = local.max_receive_count
  })
}

data "aws_iam_policy_document" "photos_queue" {
  statement {
    sid       = "TakeEventsOfTheImageBucket"
    actions   = ["sqs:SendMessage"]
    resources = [local.queue_arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.image_bucket_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }

  statement {
    sid       = "RefusePlainHttp"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.queue_arn]

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

data "aws_iam_policy_document" "dead_letter_queue" {
  statement {
    sid       = "RefusePlainHttp"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.dead_letter_arn]

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
