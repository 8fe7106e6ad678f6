output "function" {
  description = "The function."
  value       = aws_lambda_function.this
}

output "role" {
  description = "Its role."
  value       = aws_iam_role.this
}

output "log_group" {
  description = "Its log group."
  value       = aws_cloudwatch_log_group.this
}
