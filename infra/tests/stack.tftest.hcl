# Names, ARNs and numbers match. What the roles may do is checked by tests/infra against docs/security.md.

mock_provider "aws" {
  source = "./tests/mocks/main"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks/us_east_1"
}

variables {
  name         = "photos"
  region       = "eu-central-1"
  package_dir  = "tests/fixtures/bundle"
  site_dir     = "tests/fixtures/site"
  page_origins = ["https://photos.example.com", "http://localhost:8080"]
}

run "with_the_defaults" {
  command = plan

  assert {
    condition     = aws_s3_bucket.images.bucket == "photos-images-123456789012-eu-central-1" && local.image_bucket_arn == "arn:aws:s3:::${aws_s3_bucket.images.bucket}"
    error_message = "The ARN that policies name is not the image bucket's."
  }

  assert {
    condition     = aws_s3_bucket.site.bucket == "photos-site-123456789012-eu-central-1" && local.site_bucket_arn == "arn:aws:s3:::${aws_s3_bucket.site.bucket}"
    error_message = "The ARN that policies name is not the site bucket's."
  }

  assert {
    condition     = endswith(local.catalog_arn, ":table/${aws_dynamodb_table.catalog.name}") && endswith(local.catalog_index_arn, "/index/${one(aws_dynamodb_table.catalog.global_secondary_index).name}")
    error_message = "The ARNs that policies name are not the table's and its index's."
  }

  assert {
    condition     = endswith(local.queue_arn, ":${aws_sqs_queue.photos.name}") && endswith(local.dead_letter_arn, ":${aws_sqs_queue.dead_letter.name}")
    error_message = "The ARNs that policies name are not the queues'."
  }

  assert {
    condition     = endswith(local.cursor_key_arn, ":parameter${aws_ssm_parameter.cursor_key.name}")
    error_message = "The ARN that the gallery's policy names is not the parameter's."
  }

  assert {
    condition     = alltrue([for key, function in local.functions : function.function_name == "photos-${key}" && endswith(local.function_arns[key], ":function:${function.function_name}")])
    error_message = "A function's name or the ARN that the API calls is wrong."
  }

  assert {
    condition     = alltrue([for key, group in local.log_groups : group.name == "/aws/lambda/photos-${key}" && group.retention_in_days == 30 && one(local.functions[key].logging_config).log_group == group.name && one(local.functions[key].logging_config).log_format == "JSON"])
    error_message = "A function does not log as JSON into its own group."
  }

  assert {
    condition     = alltrue([for key, function in local.functions : function.handler == "thumbpipe.entrypoints.${key}.handler" && function.architectures == tolist(["arm64"]) && function.runtime == "python3.13" && one(function.tracing_config).mode == "PassThrough"])
    error_message = "A function does not run its own package."
  }

  assert {
    condition     = aws_sqs_queue.photos.visibility_timeout_seconds == 6 * module.thumbnailer.function.timeout
    error_message = "A message is visible again before six times the thumbnailer's timeout."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_policy.photos.redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.dead_letter.arn, maxReceiveCount = 5 }
    error_message = "After five failures, a message does not move to the dead-letter queue."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.dead_letter.redrive_allow_policy).sourceQueueArns == [local.queue_arn] && aws_sqs_queue.dead_letter.message_retention_seconds == 1209600
    error_message = "The dead-letter queue accepts other queues' messages, or keeps them for less than 14 days."
  }

  assert {
    condition     = aws_sqs_queue.photos.sqs_managed_sse_enabled && aws_sqs_queue.dead_letter.sqs_managed_sse_enabled
    error_message = "A queue is not encrypted."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.thumbnailer.function_response_types == toset(["ReportBatchItemFailures"]) && one(aws_lambda_event_source_mapping.thumbnailer.scaling_config).maximum_concurrency == 10
    error_message = "The queue retries whole batches, or starts too many invocations."
  }

  assert {
    condition     = alltrue([for queue in aws_s3_bucket_notification.images.queue : queue.filter_prefix == "raw/" && queue.events == toset(["s3:ObjectCreated:*"]) && queue.queue_arn == aws_sqs_queue.photos.arn]) && length(aws_s3_bucket_notification.images.queue) == 1
    error_message = "Something other than new photos under raw/ reaches the queue."
  }

  assert {
    condition     = alltrue([for block in [aws_s3_bucket_public_access_block.images, aws_s3_bucket_public_access_block.site] : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])
    error_message = "A bucket is not closed to the public."
  }

  assert {
    condition     = toset(one(aws_s3_bucket_cors_configuration.images.cors_rule).allowed_origins) == toset(concat(["https://d1.cloudfront.net"], var.page_origins)) && one(aws_s3_bucket_cors_configuration.images.cors_rule).allowed_methods == toset(["POST"])
    error_message = "The image bucket allows other pages or other methods."
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.images.rule) == 1 && length(aws_s3_bucket_accelerate_configuration.images) == 0 && length(aws_api_gateway_account.this) == 0
    error_message = "Something is created that was not configured."
  }

  assert {
    condition     = toset(keys(aws_s3_object.site)) == toset(["index.html", "js/main.js"]) && aws_s3_object.site["js/main.js"].content_type == "text/javascript; charset=utf-8"
    error_message = "The page's files are not those in the folder that are for visitors, or have wrong types."
  }

  assert {
    condition     = jsondecode(aws_s3_object.config.content).apiUrl == "" && output.api_url == "https://d1.cloudfront.net" && output.page_url == "https://d1.cloudfront.net/" && output.direct_api_url == "https://abc123.execute-api.eu-central-1.amazonaws.com/live"
    error_message = "The page does not find the API at its own origin."
  }

  assert {
    condition     = aws_dynamodb_table.catalog.deletion_protection_enabled && one(aws_dynamodb_table.catalog.point_in_time_recovery).enabled && one(aws_dynamodb_table.catalog.ttl).attribute_name == "expires_at"
    error_message = "The catalog is not protected, not recoverable, or never expires items."
  }

  assert {
    condition     = toset([for permission in concat([aws_lambda_permission.uploads], values(aws_lambda_permission.gallery)) : trimprefix(permission.source_arn, aws_api_gateway_rest_api.this.execution_arn)]) == toset(["/live/*/api/uploads", "/live/*/api/images", "/live/*/api/images/*"])
    error_message = "The API may call a function for routes other than its own."
  }

  assert {
    condition     = alltrue([for permission in concat([aws_lambda_permission.uploads], values(aws_lambda_permission.gallery)) : permission.source_account == null])
    error_message = "API Gateway sends no source account: a condition on it would refuse every call."
  }

  assert {
    condition     = alltrue([for path in ["/api/uploads", "/api/images", "/api/images/{id}"] : contains(keys(jsondecode(local.api_body).paths[path]), "options") && contains(keys(jsondecode(local.api_body).paths[path]), "x-amazon-apigateway-any-method")])
    error_message = "A route answers no preflight, or leaves other methods to API Gateway."
  }

  assert {
    condition     = alltrue([for origin in var.page_origins : strcontains(local.cors_template, "$origin == '${origin}'")])
    error_message = "A page's origin is not allowed."
  }
}

run "with_everything_else" {
  command = plan

  variables {
    distribution_url       = "http://{id}.cloudfront.localhost:4566"
    api_log_role           = true
    tracing                = true
    transfer_acceleration  = true
    source_expiration_days = 90
    lambda_runtime         = "python3.12"
    lambda_architecture    = "x86_64"
    thumbnail_widths       = [100, 200]
    thumbnail_formats      = ["avif"]
    functions              = { thumbnailer = { memory_mb = 3008, timeout_seconds = 7, reserved_concurrency = 20 } }
  }

  assert {
    condition     = output.api_url == "http://e1example.cloudfront.localhost:4566"
    error_message = "distribution_url is not filled in."
  }

  assert {
    condition     = aws_sqs_queue.photos.visibility_timeout_seconds == 42 && module.thumbnailer.function.memory_size == 3008 && module.thumbnailer.function.reserved_concurrent_executions == 20
    error_message = "The thumbnailer's size does not reach it, or its queue."
  }

  assert {
    condition     = module.uploads.function.memory_size == 512 && module.uploads.function.reserved_concurrent_executions == -1
    error_message = "A size that was not configured is not the default."
  }

  assert {
    condition     = alltrue([for function in values(local.functions) : one(function.tracing_config).mode == "Active" && one(function.environment).variables.POWERTOOLS_TRACE_DISABLED == "false" && function.architectures == tolist(["x86_64"]) && function.runtime == "python3.12"]) && aws_api_gateway_stage.this.xray_tracing_enabled
    error_message = "Something is not traced, or is for another platform."
  }

  assert {
    condition     = module.thumbnailer.function.environment[0].variables.THUMBPIPE_THUMBNAIL_WIDTHS == "100,200" && module.thumbnailer.function.environment[0].variables.THUMBPIPE_THUMBNAIL_FORMATS == "avif"
    error_message = "The recipe does not reach the thumbnailer."
  }

  assert {
    condition     = module.uploads.function.environment[0].variables.THUMBPIPE_TRANSFER_ACCELERATION == "true" && aws_s3_bucket_accelerate_configuration.images[0].status == "Enabled"
    error_message = "Uploads are not accelerated."
  }

  assert {
    condition     = anytrue([for rule in aws_s3_bucket_lifecycle_configuration.images.rule : rule.id == "expire-originals" && rule.filter[0].prefix == "raw/" && rule.expiration[0].days == 90])
    error_message = "Originals do not expire, or something else does."
  }

  assert {
    condition     = length(aws_api_gateway_account.this) == 1
    error_message = "The account has no role for API Gateway's logs."
  }
}
