# The gallery function: lists, shows and deletes images.

module "gallery" {
  source = "./modules/function"

  component             = "gallery"
  function_name         = local.function_names.gallery
  description           = "Lists, shows and deletes images."
  policy_json           = data.aws_iam_policy_document.gallery.json
  package               = "${var.package_dir}/gallery.zip"
  runtime               = var.lambda_runtime
  architecture          = var.lambda_architecture
  size                  = var.functions.gallery
  log_group_name        = local.log_group_names.gallery
  log_group_arn         = local.log_group_arns.gallery
  log_retention_days    = var.log_retention_days
  application_log_level = local.application_log_level
  tracing               = var.tracing

  environment = merge(local.function_environment.gallery, {
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

data "aws_iam_policy_document" "gallery" {
  # Deleting an image means deleting every version of it; they are found by their prefix.
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

  # A deletion is recorded in a separate item, so that no late upload brings the image back.
  statement {
    sid       = "ReadAndDeleteEntries"
    actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:UpdateItem"]
    resources = [local.catalog_arn]
  }

  statement {
    sid       = "ListEntries"
    actions   = ["dynamodb:Query"]
    resources = [local.catalog_index_arn]
  }

  # Encrypted with the AWS managed key of SSM, whose policy admits every caller that SSM admits: no kms:Decrypt needed.
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

  # Deleted images must leave the edge caches, too.
  statement {
    sid       = "ForgetDeletedImages"
    actions   = ["cloudfront:CreateInvalidation"]
    resources = [local.distribution_arn]
  }
}

resource "aws_lambda_permission" "gallery" {
  for_each = { List = "images", Single = "images/*" }

  statement_id  = "CalledByTheApi${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = module.gallery.function.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${local.stage_name}/*/api/${each.value}"
}

# The key that signs the cursors of the image list, 256 random bits generated during apply. A write-only argument is not in
# any plan or state, and is sent only when its version changes.
resource "aws_ssm_parameter" "cursor_key" {
  name             = local.cursor_key_name
  description      = "Key that signs the cursors of the image list."
  type             = "SecureString"
  value_wo         = "${uuid()}${uuid()}"
  value_wo_version = var.cursor_key_version
}
