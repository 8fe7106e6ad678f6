output "api_url" {
  description = "Where the API is reached; its routes begin with /api."
  value       = local.api_url
}

output "rest_api_id" {
  description = "Id of the REST API."
  value       = aws_api_gateway_rest_api.this.id
}

output "stage_name" {
  description = "Stage of the REST API."
  value       = aws_api_gateway_stage.this.stage_name
}

output "image_bucket" {
  description = "Bucket of the photos (raw/) and their renditions (thumbs/)."
  value       = aws_s3_bucket.images.bucket
}

output "site_bucket" {
  description = "Bucket of the page."
  value       = aws_s3_bucket.site.bucket
}

output "page_key" {
  description = "Key of the page in the site bucket."
  value       = local.page_key
}

output "catalog_table" {
  description = "DynamoDB table with an entry for each image."
  value       = aws_dynamodb_table.catalog.name
}

output "queue_url" {
  description = "Queue of the photos that wait for their renditions."
  value       = aws_sqs_queue.photos.url
}

output "queue_arn" {
  description = "ARN of that queue."
  value       = aws_sqs_queue.photos.arn
}

output "dead_letter_queue_url" {
  description = "Queue of the photos that failed five times."
  value       = aws_sqs_queue.dead_letter.url
}

output "dead_letter_queue_arn" {
  description = "ARN of that queue."
  value       = aws_sqs_queue.dead_letter.arn
}

output "function_names" {
  description = "Name of each function: uploads, gallery, thumbnailer."
  value       = { for key, function in local.functions : key => function.function_name }
}

output "role_arns" {
  description = "ARN of each function's role."
  value       = { for key, role in local.roles : key => role.arn }
}

output "log_group_names" {
  description = "CloudWatch log group of each function."
  value       = { for key, group in local.log_groups : key => group.name }
}

output "region" {
  description = "AWS region of the stack."
  value       = var.region
}
