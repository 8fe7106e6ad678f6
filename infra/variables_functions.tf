# The functions, the queue before the thumbnailer and the catalog's capacity.

variable "lambda_runtime" {
  description = "Lambda runtime that the packages were built for."
  type        = string
  default     = "python3.13"
  nullable    = false

  validation {
    condition     = contains(["python3.11", "python3.12", "python3.13"], var.lambda_runtime)
    error_message = "lambda_runtime is python3.11, python3.12 or python3.13."
  }
}

variable "lambda_architecture" {
  description = "Processor that the packages were built for."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "lambda_architecture is arm64 or x86_64."
  }
}

variable "functions" {
  description = "Size of each function: memory_mb (CPU is proportional to it; 1769 is one vCPU), timeout_seconds, and reserved_concurrency (-1 reserves none: the account's pool is used)."
  type = object({
    uploads = optional(object({
      memory_mb            = optional(number, 512)
      timeout_seconds      = optional(number, 10)
      reserved_concurrency = optional(number, -1)
    }), {})
    gallery = optional(object({
      memory_mb            = optional(number, 512)
      timeout_seconds      = optional(number, 15)
      reserved_concurrency = optional(number, -1)
    }), {})
    thumbnailer = optional(object({
      memory_mb            = optional(number, 1769)
      timeout_seconds      = optional(number, 60)
      reserved_concurrency = optional(number, -1)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for size in values(var.functions) : size.memory_mb >= 128 && size.memory_mb <= 10240 && floor(size.memory_mb) == size.memory_mb])
    error_message = "memory_mb is a whole number of 128 to 10240."
  }

  validation {
    condition     = alltrue([for key in ["uploads", "gallery"] : var.functions[key].timeout_seconds >= 1 && var.functions[key].timeout_seconds <= 29])
    error_message = "timeout_seconds of uploads and gallery is 1 to 29: API Gateway waits no longer than that."
  }

  validation {
    condition     = var.functions.thumbnailer.timeout_seconds >= 1 && var.functions.thumbnailer.timeout_seconds <= 900
    error_message = "timeout_seconds of thumbnailer is 1 to 900."
  }

  validation {
    condition     = alltrue([for size in values(var.functions) : size.reserved_concurrency >= -1 && floor(size.reserved_concurrency) == size.reserved_concurrency])
    error_message = "reserved_concurrency is a whole number: -1 reserves none, 0 disables the function."
  }
}

variable "batch_size" {
  description = "Maximum number of photos in one invocation of the thumbnailer. Its timeout covers all of them together."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10 && floor(var.batch_size) == var.batch_size
    error_message = "batch_size is a whole number of 1 to 10."
  }
}

variable "maximum_concurrency" {
  description = "Maximum number of concurrent invocations of the thumbnailer by the queue."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000 && floor(var.maximum_concurrency) == var.maximum_concurrency
    error_message = "maximum_concurrency is a whole number of 2 to 1000."
  }

  validation {
    condition     = var.functions.thumbnailer.reserved_concurrency <= 0 || var.maximum_concurrency <= var.functions.thumbnailer.reserved_concurrency
    error_message = "With maximum_concurrency above the thumbnailer's reserved_concurrency, throttled messages would end in the dead-letter queue."
  }
}

variable "catalog_shards" {
  description = "Number of partitions that a month of the catalog's index is spread over: one for each 1000 photos per second."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.catalog_shards >= 1 && var.catalog_shards <= 64 && floor(var.catalog_shards) == var.catalog_shards
    error_message = "catalog_shards is a whole number of 1 to 64."
  }
}

variable "cursor_key_version" {
  description = "Increase it to create a new key for the cursors of the image list. Cursors issued before are refused from then on."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.cursor_key_version >= 1 && floor(var.cursor_key_version) == var.cursor_key_version
    error_message = "cursor_key_version is a whole number from 1."
  }
}
