# Every variable rejects invalid values. A run ends with these errors and plans nothing, so one run can have invalid
# values for many variables; a variable that refers to an invalid one is not validated.

mock_provider "aws" {
  source = "./tests/mocks/main"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks/us_east_1"
}

variables {
  package_dir  = "tests/fixtures/bundle"
  site_dir     = "tests/fixtures/site"
  page_origins = ["https://photos.example.com"]
}

run "refuses_too_small_or_unknown" {
  command = plan

  variables {
    name                   = "Stack_1"
    region                 = "europe"
    tags                   = { "aws:owner" = "me" }
    page_origins           = ["photos.example.com"]
    package_dir            = "tests/fixtures/nothing"
    site_dir               = "tests/fixtures/nothing"
    deletion_protection    = true
    force_destroy          = true
    api_rate_limit         = 0
    api_burst_limit        = 0
    log_retention_days     = 2
    log_level              = "LOUD"
    lambda_runtime         = "python3.10"
    lambda_architecture    = "riscv64"
    functions              = { uploads = { memory_mb = 64 } }
    batch_size             = 0
    catalog_shards         = 0
    cursor_key_version     = 0
    thumbnail_widths       = []
    thumbnail_formats      = []
    max_upload_bytes       = 1
    max_megapixels         = 0
    max_edge_pixels        = 255
    max_frames             = 0
    upload_expires_seconds = 0
    url_expires_seconds    = 59
    source_expiration_days = 0
  }

  expect_failures = [
    var.name,
    var.region,
    var.tags,
    var.page_origins,
    var.package_dir,
    var.site_dir,
    var.deletion_protection,
    var.api_rate_limit,
    var.api_burst_limit,
    var.log_retention_days,
    var.log_level,
    var.lambda_runtime,
    var.lambda_architecture,
    var.functions,
    var.batch_size,
    var.catalog_shards,
    var.cursor_key_version,
    var.thumbnail_widths,
    var.thumbnail_formats,
    var.max_upload_bytes,
    var.max_megapixels,
    var.max_edge_pixels,
    var.max_frames,
    var.upload_expires_seconds,
    var.url_expires_seconds,
    var.source_expiration_days,
  ]
}

run "refuses_too_large_or_malformed" {
  command = plan

  variables {
    name                   = "-stack"
    region                 = "us-east-"
    tags                   = { owner = join("", [for _ in range(257) : "x"]) }
    page_origins           = ["https://photos.example.com/"]
    api_rate_limit         = 10001
    api_burst_limit        = 5001
    log_retention_days     = -1
    functions              = { gallery = { timeout_seconds = 30 } }
    batch_size             = 11
    catalog_shards         = 65
    cursor_key_version     = 1.5
    thumbnail_widths       = [320, 320]
    thumbnail_formats      = ["svg"]
    max_upload_bytes       = 104857601
    max_megapixels         = 1001
    max_edge_pixels        = 65536
    max_frames             = 10001
    upload_expires_seconds = 3601
    url_expires_seconds    = 43201
    source_expiration_days = 1.5
  }

  expect_failures = [
    var.name,
    var.region,
    var.tags,
    var.page_origins,
    var.api_rate_limit,
    var.api_burst_limit,
    var.log_retention_days,
    var.functions,
    var.batch_size,
    var.catalog_shards,
    var.cursor_key_version,
    var.thumbnail_widths,
    var.thumbnail_formats,
    var.max_upload_bytes,
    var.max_megapixels,
    var.max_edge_pixels,
    var.max_frames,
    var.upload_expires_seconds,
    var.url_expires_seconds,
    var.source_expiration_days,
  ]
}

run "refuses_fractions_and_duplicates" {
  command = plan

  variables {
    name                   = "st"
    page_origins           = ["https://photos.example.com", "https://photos.example.com"]
    api_burst_limit        = 1.5
    functions              = { thumbnailer = { timeout_seconds = 901 } }
    batch_size             = 1.5
    catalog_shards         = 1.5
    thumbnail_widths       = [15]
    thumbnail_formats      = ["webp", "webp"]
    max_upload_bytes       = 1024.5
    max_megapixels         = 1.5
    max_edge_pixels        = 300.5
    max_frames             = 1.5
    upload_expires_seconds = 1.5
    url_expires_seconds    = 60.5
  }

  expect_failures = [
    var.name,
    var.page_origins,
    var.api_burst_limit,
    var.functions,
    var.batch_size,
    var.catalog_shards,
    var.thumbnail_widths,
    var.thumbnail_formats,
    var.max_upload_bytes,
    var.max_megapixels,
    var.max_edge_pixels,
    var.max_frames,
    var.upload_expires_seconds,
    var.url_expires_seconds,
  ]
}

run "refuses_a_long_name_wildcards_and_a_wide_thumbnail" {
  command = plan

  variables {
    name                = "a-name-of-twenty-five-char"
    page_origins        = ["https://*.example.com"]
    functions           = { thumbnailer = { reserved_concurrency = -2 } }
    thumbnail_widths    = [8193]
    pending_ttl_seconds = 299
  }

  expect_failures = [
    var.name,
    var.page_origins,
    var.functions,
    var.thumbnail_widths,
    var.pending_ttl_seconds,
  ]
}

run "refuses_a_single_poller" {
  command = plan

  variables {
    maximum_concurrency = 1
    pending_ttl_seconds = 3600.5
    thumbnail_widths    = [160.5]
    page_origins        = ["https://Photos.example.com"]
    name                = "stack-"
  }

  expect_failures = [
    var.maximum_concurrency,
    var.pending_ttl_seconds,
    var.thumbnail_widths,
    var.page_origins,
    var.name,
  ]
}

run "refuses_too_many_pollers" {
  command = plan

  variables {
    maximum_concurrency = 1001
  }

  expect_failures = [
    var.maximum_concurrency,
  ]
}

run "refuses_half_a_poller" {
  command = plan

  variables {
    maximum_concurrency = 2.5
  }

  expect_failures = [
    var.maximum_concurrency,
  ]
}

run "refuses_more_pollers_than_are_reserved" {
  command = plan

  variables {
    functions           = { thumbnailer = { reserved_concurrency = 5 } }
    maximum_concurrency = 6
  }

  expect_failures = [
    var.maximum_concurrency,
  ]
}
