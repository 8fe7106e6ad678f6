# What the three functions share.

locals {
  # Lambda's name for the log level; the functions' own logger uses Python's.
  application_log_level = { DEBUG = "DEBUG", INFO = "INFO", WARNING = "WARN", ERROR = "ERROR", CRITICAL = "FATAL" }[var.log_level]

  functions = {
    uploads     = module.uploads.function
    gallery     = module.gallery.function
    thumbnailer = module.thumbnailer.function
  }

  roles = {
    uploads     = module.uploads.role
    gallery     = module.gallery.role
    thumbnailer = module.thumbnailer.role
  }

  log_groups = {
    uploads     = module.uploads.log_group
    gallery     = module.gallery.log_group
    thumbnailer = module.thumbnailer.log_group
  }
}
