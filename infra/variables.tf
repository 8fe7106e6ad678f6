# The stack as a whole. The functions' size is in variables_functions.tf, the images in variables_images.tf.

variable "name" {
  description = "Prefix of every resource's name. Two stacks of one account and region differ in it."
  type        = string
  default     = "thumbpipe"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name))
    error_message = "name is 3 to 24 lower-case letters, digits and hyphens, begins with a letter and ends without a hyphen."
  }
}

variable "region" {
  description = "AWS region of every resource."
  type        = string
  default     = "us-east-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is an AWS region's name, such as eu-central-1."
  }
}

variable "tags" {
  description = "Tags of every resource, besides Application and ManagedBy."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key, value in var.tags : length(key) <= 128 && length(value) <= 256 && !startswith(lower(key), "aws:")])
    error_message = "A tag's key has at most 128 characters and does not begin with aws:, its value has at most 256."
  }
}

variable "page_origins" {
  description = "Origins (scheme, host and, if it is not the scheme's own, port) of further pages that may call the API and upload to the image bucket. The stack's own page needs none. Errors that API Gateway answers by itself carry the first one."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.page_origins) == length(distinct(var.page_origins))
    error_message = "page_origins has no origin twice."
  }

  validation {
    condition     = alltrue([for origin in var.page_origins : can(regex("^https?://[a-z0-9.-]+(:[0-9]{1,5})?$", origin))])
    error_message = "An origin is http:// or https:// with a lower-case host and perhaps a port: no path, no trailing slash, no wildcard."
  }
}

variable "package_dir" {
  description = "Folder with the functions' packages: uploads.zip, gallery.zip and thumbnailer.zip."
  type        = string
  default     = "../build/bundle"
  nullable    = false

  validation {
    condition     = alltrue([for key in ["uploads", "gallery", "thumbnailer"] : fileexists("${var.package_dir}/${key}.zip")])
    error_message = "package_dir lacks uploads.zip, gallery.zip or thumbnailer.zip: make them with `nox -s bundle`."
  }
}

variable "site_dir" {
  description = "Folder with the page's files; each becomes an object of the site bucket."
  type        = string
  default     = "../frontend"
  nullable    = false

  validation {
    condition     = fileexists("${var.site_dir}/index.html") && fileexists("${var.site_dir}/404.html")
    error_message = "site_dir lacks index.html or 404.html."
  }
}

variable "force_destroy" {
  description = "Whether destroy empties the buckets first, every version included. False keeps photos from a slip of the hand."
  type        = bool
  default     = false
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether the catalog table refuses to be deleted."
  type        = bool
  default     = true
  nullable    = false

  validation {
    condition     = !(var.deletion_protection && var.force_destroy)
    error_message = "force_destroy without the table would leave a catalog of photos that are gone: set deletion_protection to false with it."
  }
}

variable "api_rate_limit" {
  description = "Requests a second, on the long run, that the API takes before it answers 429."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.api_rate_limit >= 1 && var.api_rate_limit <= 10000
    error_message = "api_rate_limit is 1 to 10000 requests a second (AWS's own limit of a region)."
  }
}

variable "api_burst_limit" {
  description = "Requests that the API takes at once before it answers 429."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.api_burst_limit >= 1 && var.api_burst_limit <= 5000 && floor(var.api_burst_limit) == var.api_burst_limit
    error_message = "api_burst_limit is a whole number of 1 to 5000 (AWS's own limit of a region)."
  }
}

variable "api_log_role" {
  description = "Whether to make the role by which API Gateway writes logs, and to set it for the whole account and region. AWS wants one before the first stage with an access log; leave it false where another stack has set it."
  type        = bool
  default     = false
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that logs are kept; 0 keeps them for ever."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is one of the spans that CloudWatch Logs takes: 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "log_level" {
  description = "Least severity that the functions log."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], var.log_level)
    error_message = "log_level is DEBUG, INFO, WARNING, ERROR or CRITICAL."
  }
}

variable "tracing" {
  description = "Whether the API and the functions send traces to X-Ray."
  type        = bool
  default     = false
  nullable    = false
}
