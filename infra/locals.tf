# Names, and the ARNs that follow from them.
#
# A policy that refers to its target by an ARN built here does not wait for the target. That keeps the graph flat: slow
# resources (queues, lifecycle rules) are created in parallel.

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix

  # Bucket names are unique across all accounts of a partition.
  image_bucket = "${var.name}-images-${local.account_id}-${var.region}"
  site_bucket  = "${var.name}-site-${local.account_id}-${var.region}"

  catalog_table      = "${var.name}-catalog"
  catalog_index      = "by_month"
  queue_name         = "${var.name}-photos"
  dead_letter_name   = "${var.name}-photos-dead"
  cursor_key_name    = "/${var.name}/cursor-key"
  source_prefix      = "raw/"
  rendition_prefix   = "thumbs/"
  function_names     = { for key in ["uploads", "gallery", "thumbnailer"] : key => "${var.name}-${key}" }
  log_group_names    = { for key, name in local.function_names : key => "/aws/lambda/${name}" }
  regional_arn       = "${var.region}:${local.account_id}"
  image_bucket_arn   = "arn:${local.partition}:s3:::${local.image_bucket}"
  site_bucket_arn    = "arn:${local.partition}:s3:::${local.site_bucket}"
  sources_arn        = "${local.image_bucket_arn}/${local.source_prefix}*"
  renditions_arn     = "${local.image_bucket_arn}/${local.rendition_prefix}*"
  catalog_arn        = "arn:${local.partition}:dynamodb:${local.regional_arn}:table/${local.catalog_table}"
  catalog_index_arn  = "${local.catalog_arn}/index/${local.catalog_index}"
  queue_arn          = "arn:${local.partition}:sqs:${local.regional_arn}:${local.queue_name}"
  dead_letter_arn    = "arn:${local.partition}:sqs:${local.regional_arn}:${local.dead_letter_name}"
  cursor_key_arn     = "arn:${local.partition}:ssm:${local.regional_arn}:parameter${local.cursor_key_name}"
  function_arns      = { for key, name in local.function_names : key => "arn:${local.partition}:lambda:${local.regional_arn}:function:${name}" }
  log_group_arns     = { for key, name in local.log_group_names : key => "arn:${local.partition}:logs:${local.regional_arn}:log-group:${name}" }
  lambda_invoke_arns = { for key, arn in local.function_arns : key => "arn:${local.partition}:apigateway:${var.region}:lambda:path/2015-03-31/functions/${arn}/invocations" }

  # Environment of every function.
  function_environment = { for key, name in local.function_names : key => {
    POWERTOOLS_LOG_LEVEL         = var.log_level
    POWERTOOLS_METRICS_NAMESPACE = var.name
    POWERTOOLS_SERVICE_NAME      = key
    POWERTOOLS_TRACE_DISABLED    = tostring(!var.tracing)
    THUMBPIPE_CATALOG_SHARDS     = tostring(var.catalog_shards)
    THUMBPIPE_CATALOG_TABLE      = local.catalog_table
    THUMBPIPE_IMAGE_BUCKET       = local.image_bucket
  } }
}
