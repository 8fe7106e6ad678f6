# The uploads function: POST /api/uploads answers with a presigned POST.

module "uploads" {
  source = "./modules/function"

  component             = "uploads"
  function_name         = local.function_names.uploads
  description           = "Reserves an upload: creates a pending entry and a presigned POST."
  policy_json           = data.aws_iam_policy_document.uploads.json
  package               = "${var.package_dir}/uploads.zip"
  runtime               = var.lambda_runtime
  architecture          = var.lambda_architecture
  size                  = var.functions.uploads
  log_group_name        = local.log_group_names.uploads
  log_group_arn         = local.log_group_arns.uploads
  log_retention_days    = var.log_retention_days
  application_log_level = local.application_log_level
  tracing               = var.tracing

  environment = merge(local.function_environment.uploads, {
    THUMBPIPE_MAX_UPLOAD_BYTES       = tostring(var.max_upload_bytes)
    THUMBPIPE_PAGE_ORIGINS           = join(",", var.page_origins)
    THUMBPIPE_PENDING_TTL_SECONDS    = tostring(var.pending_ttl_seconds)
    THUMBPIPE_TRANSFER_ACCELERATION  = tostring(var.transfer_acceleration)
    THUMBPIPE_UPLOAD_EXPIRES_SECONDS = tostring(var.upload_expires_seconds)
  })
}

data "aws_iam_policy_document" "uploads" {
  # A presigned POST acts with this role's permissions: this statement allows the browser's upload.
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
}

resource "aws_lambda_permission" "uploads" {
  statement_id  = "CalledByTheApi"
  action        = "lambda:InvokeFunction"
  function_name = module.uploads.function.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${local.stage_name}/*/api/uploads"
}
