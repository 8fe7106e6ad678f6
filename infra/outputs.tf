output "page_url" {
  description = "Address of the page."
  value       = "${local.distribution_url}/"
}

output "api_url" {
  description = "Address of the API; its routes begin with /api."
  value       = local.distribution_url
}

output "direct_api_url" {
  description = "The API's own address, which answers 403 if restrict_api is set."
  value       = aws_api_gateway_stage.this.invoke_url
}

output "distribution_id" {
  description = "Id of the distribution."
  value       = aws_cloudfront_distribution.this.id
}

output "distribution_domain_name" {
  description = "Domain name of the distribution, the target of the aliases' DNS records."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "web_acl_arn" {
  description = "ARN of the web ACL; null without waf."
  value       = one(aws_wafv2_web_acl.edge[*].arn)
}

output "public_key_ids" {
  description = "Ids of signing_public_keys by name; empty unless delivery is signed."
  value       = { for name, key in aws_cloudfront_public_key.this : name => key.id }
}

output "key_group_id" {
  description = "Id of the key group; null unless delivery is signed."
  value       = one(aws_cloudfront_key_group.this[*].id)
}

output "signing_key_parameter" {
  description = "Name of the SSM parameter with the private key that the gallery signs with. Terraform does not create it."
  value       = local.signing_key_parameter
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
  description = "DynamoDB table with one entry per image."
  value       = aws_dynamodb_table.catalog.name
}

output "queue_url" {
  description = "Queue of photos to be processed."
  value       = aws_sqs_queue.photos.url
}

output "queue_arn" {
  description = "ARN of that queue."
  value       = aws_sqs_queue.photos.arn
}

output "dead_letter_queue_url" {
  description = "Queue of photos that failed five times."
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
