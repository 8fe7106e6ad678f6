variable "component" {
  description = "The function's name in code: uploads, gallery or thumbnailer."
  type        = string
  nullable    = false
}

variable "function_name" {
  description = "Name of the function and of its role."
  type        = string
  nullable    = false
}

variable "description" {
  description = "A description of the function in one sentence."
  type        = string
  nullable    = false
}

variable "policy_json" {
  description = "JSON policy of its role, in addition to writing its log and sending traces."
  type        = string
  nullable    = false
}

variable "package" {
  description = "Path of the zip."
  type        = string
  nullable    = false
}

variable "runtime" {
  description = "Lambda runtime that the zip was built for."
  type        = string
  nullable    = false
}

variable "architecture" {
  description = "Processor that the zip was built for."
  type        = string
  nullable    = false
}

variable "size" {
  description = "Memory in MB, timeout in seconds, and reserved concurrency (-1 reserves none)."
  type = object({
    memory_mb            = number
    timeout_seconds      = number
    reserved_concurrency = number
  })
  nullable = false
}

variable "environment" {
  description = "Environment variables."
  type        = map(string)
  nullable    = false
}

variable "log_group_name" {
  description = "Name of its log group."
  type        = string
  nullable    = false
}

variable "log_group_arn" {
  description = "ARN of its log group, known before the group is created."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Log retention in days."
  type        = number
  nullable    = false
}

variable "application_log_level" {
  description = "Lowest level of application logs that Lambda keeps, by Lambda's name."
  type        = string
  nullable    = false
}

variable "tracing" {
  description = "Whether X-Ray traces its invocations."
  type        = bool
  nullable    = false
}
