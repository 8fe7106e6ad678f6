# Accepted photos, their renditions, and how long things are kept.

variable "thumbnail_widths" {
  description = "Widths of the renditions in pixels. A photo is never enlarged."
  type        = list(number)
  default     = [160, 320, 640, 1280]
  nullable    = false

  validation {
    condition     = length(var.thumbnail_widths) >= 1 && length(var.thumbnail_widths) <= 10 && length(var.thumbnail_widths) == length(distinct(var.thumbnail_widths))
    error_message = "thumbnail_widths has 1 to 10 widths without duplicates."
  }

  validation {
    condition     = alltrue([for width in var.thumbnail_widths : width >= 16 && width <= 8192 && floor(width) == width])
    error_message = "A width is a whole number of 16 to 8192 pixels."
  }
}

variable "thumbnail_formats" {
  description = "Formats that each width is made in."
  type        = list(string)
  default     = ["webp", "jpeg"]
  nullable    = false

  validation {
    condition     = length(var.thumbnail_formats) >= 1 && length(var.thumbnail_formats) == length(distinct(var.thumbnail_formats)) && alltrue([for format in var.thumbnail_formats : contains(["webp", "jpeg", "avif", "png"], format)])
    error_message = "thumbnail_formats has one or more of webp, jpeg, avif and png, without duplicates."
  }
}

variable "max_upload_bytes" {
  description = "Largest accepted photo in bytes. The presigned upload limits it, and the thumbnailer checks it."
  type        = number
  default     = 26214400
  nullable    = false

  validation {
    condition     = var.max_upload_bytes >= 1024 && var.max_upload_bytes <= 104857600 && floor(var.max_upload_bytes) == var.max_upload_bytes
    error_message = "max_upload_bytes is a whole number of 1024 (1 KiB) to 104857600 (100 MiB)."
  }
}

variable "max_megapixels" {
  description = "Largest accepted photo in megapixels."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.max_megapixels >= 1 && var.max_megapixels <= 1000 && floor(var.max_megapixels) == var.max_megapixels
    error_message = "max_megapixels is a whole number of 1 to 1000."
  }
}

variable "max_edge_pixels" {
  description = "Longest accepted edge of a photo in pixels."
  type        = number
  default     = 30000
  nullable    = false

  validation {
    condition     = var.max_edge_pixels >= 256 && var.max_edge_pixels <= 65535 && floor(var.max_edge_pixels) == var.max_edge_pixels
    error_message = "max_edge_pixels is a whole number of 256 to 65535."
  }
}

variable "max_frames" {
  description = "Maximum number of frames of an animation."
  type        = number
  default     = 500
  nullable    = false

  validation {
    condition     = var.max_frames >= 1 && var.max_frames <= 10000 && floor(var.max_frames) == var.max_frames
    error_message = "max_frames is a whole number of 1 to 10000."
  }
}

variable "upload_expires_seconds" {
  description = "How long a presigned upload is valid, in seconds."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.upload_expires_seconds >= 1 && var.upload_expires_seconds <= 3600 && floor(var.upload_expires_seconds) == var.upload_expires_seconds
    error_message = "upload_expires_seconds is a whole number of 1 to 3600."
  }
}

variable "pending_ttl_seconds" {
  description = "How long the entry of an unused upload reservation is kept, in seconds."
  type        = number
  default     = 86400
  nullable    = false

  validation {
    condition     = var.pending_ttl_seconds >= 60 && var.pending_ttl_seconds <= 2419200 && floor(var.pending_ttl_seconds) == var.pending_ttl_seconds
    error_message = "pending_ttl_seconds is a whole number of 60 to 2419200 (28 days)."
  }

  validation {
    condition     = var.pending_ttl_seconds >= var.upload_expires_seconds
    error_message = "pending_ttl_seconds is no less than upload_expires_seconds."
  }
}

variable "url_expires_seconds" {
  description = "How long signed URLs of renditions and originals are valid, in seconds."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.url_expires_seconds >= 60 && var.url_expires_seconds <= 43200 && floor(var.url_expires_seconds) == var.url_expires_seconds
    error_message = "url_expires_seconds is a whole number of 60 to 43200 (12 hours)."
  }
}

variable "transfer_acceleration" {
  description = "Whether uploads go to S3 through the nearest edge location (costs extra by the byte)."
  type        = bool
  default     = false
  nullable    = false
}

variable "source_expiration_days" {
  description = "Days after which an original under raw/ expires; its renditions and its entry stay. Null keeps originals."
  type        = number
  default     = null

  validation {
    condition     = var.source_expiration_days == null || try(var.source_expiration_days >= 1 && floor(var.source_expiration_days) == var.source_expiration_days, false)
    error_message = "source_expiration_days is a whole number from 1, or null."
  }
}
