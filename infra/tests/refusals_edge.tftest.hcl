# Every variable of the edge rejects invalid values; see refusals.tftest.hcl.

mock_provider "aws" {
  source = "./tests/mocks/main"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks/us_east_1"
}

variables {
  package_dir = "tests/fixtures/bundle"
  site_dir    = "tests/fixtures/site"
}

run "refuses_unknown_words_and_too_small_numbers_of_the_edge" {
  command = plan

  variables {
    distribution_url        = "https://photos.example.com/"
    upload_origin           = "https://*.example.com"
    delivery                = "private"
    aliases                 = ["https://photos.example.com"]
    price_class             = "PriceClass_300"
    geo_restriction         = { type = "deny", locations = ["CH"] }
    waf_rate_limit          = 9
    waf_upload_rate_limit   = 9
    waf_rate_window_seconds = 301
    waf_max_body_bytes      = 1023
    waf_count_rule_groups   = ["sql"]
    waf_allowed_cidrs       = ["192.0.2.1"]
    waf_blocked_cidrs       = ["everybody"]
  }

  expect_failures = [
    var.distribution_url,
    var.upload_origin,
    var.delivery,
    var.aliases,
    var.price_class,
    var.geo_restriction,
    var.waf_rate_limit,
    var.waf_upload_rate_limit,
    var.waf_rate_window_seconds,
    var.waf_max_body_bytes,
    var.waf_count_rule_groups,
    var.waf_allowed_cidrs,
    var.waf_blocked_cidrs,
  ]
}

run "refuses_too_large_numbers_and_malformed_words_of_the_edge" {
  command = plan

  variables {
    distribution_url      = "photos.example.com"
    upload_origin         = "http://127.0.0.1:4566/bucket"
    aliases               = ["photos.example.com", "photos.example.com"]
    geo_restriction       = { type = "blacklist", locations = ["Switzerland"] }
    waf_rate_limit        = 2000000001
    waf_upload_rate_limit = 2000000001
    waf_max_body_bytes    = 16385
    waf_allowed_cidrs     = ["0.0.0.0/0"]
    waf_blocked_cidrs     = ["::/0"]

    signing_public_keys = {
      "a key" = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK==\n-----END PUBLIC KEY-----\n"
    }
  }

  expect_failures = [
    var.distribution_url,
    var.upload_origin,
    var.aliases,
    var.geo_restriction,
    var.waf_rate_limit,
    var.waf_upload_rate_limit,
    var.waf_max_body_bytes,
    var.waf_allowed_cidrs,
    var.waf_blocked_cidrs,
    var.signing_public_keys,
  ]
}

run "refuses_fractions_a_private_key_and_a_restriction_without_countries" {
  command = plan

  variables {
    geo_restriction       = { type = "whitelist" }
    aliases               = ["localhost"]
    waf_rate_limit        = 100.5
    waf_upload_rate_limit = 100.5
    waf_max_body_bytes    = 2048.5

    signing_public_keys = {
      mine = "-----BEGIN PRIVATE KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK==\n-----END PRIVATE KEY-----\n"
    }
  }

  expect_failures = [
    var.geo_restriction,
    var.aliases,
    var.waf_rate_limit,
    var.waf_upload_rate_limit,
    var.waf_max_body_bytes,
    var.signing_public_keys,
  ]
}

run "refuses_a_third_key_and_countries_without_a_restriction" {
  command = plan

  variables {
    geo_restriction = { locations = ["CH"] }

    signing_public_keys = {
      a = "-----BEGIN PUBLIC KEY-----\nMFww\n-----END PUBLIC KEY-----\n"
      b = "-----BEGIN PUBLIC KEY-----\nMFwx\n-----END PUBLIC KEY-----\n"
      c = "-----BEGIN PUBLIC KEY-----\nMFwy\n-----END PUBLIC KEY-----\n"
    }
  }

  expect_failures = [var.geo_restriction, var.signing_public_keys]
}

run "refuses_signed_delivery_without_a_key" {
  command = plan

  variables {
    delivery = "signed"
  }

  expect_failures = [var.signing_public_keys]
}

run "refuses_aliases_without_a_certificate" {
  command = plan

  variables {
    aliases = ["photos.example.com"]
  }

  expect_failures = [var.certificate_arn]
}

run "refuses_a_certificate_without_aliases" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000"
  }

  expect_failures = [var.certificate_arn]
}

run "refuses_a_certificate_of_another_region" {
  command = plan

  variables {
    aliases         = ["photos.example.com"]
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000"
  }

  expect_failures = [var.certificate_arn]
}
