# delivery = signed: the public keys that verify signed URLs. `nox -s keys` writes the private key to the parameter that
# the gallery reads, without Terraform: it is not in any of Terraform's variables, plans, states or logs.

locals {
  signing_keys              = { for name, key in var.signing_public_keys : name => "${trimspace(key)}\n" if var.delivery == "signed" }
  signing_key_parameter     = "/${var.name}/signing-key"
  signing_key_parameter_arn = "arn:${local.partition}:ssm:${local.regional_arn}:parameter${local.signing_key_parameter}"
}

# A key cannot be changed, only replaced. Its name contains a digest, so that the old and the new one can coexist.
resource "aws_cloudfront_public_key" "this" {
  for_each = local.signing_keys

  name        = "${var.name}-${var.region}-${each.key}-${substr(sha256(each.value), 0, 8)}"
  comment     = "Verifies signed URLs of ${var.name}."
  encoded_key = each.value

  # The key group drops an old key before the key is deleted.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudfront_key_group" "this" {
  count = var.delivery == "signed" ? 1 : 0

  name    = "${var.name}-${var.region}"
  comment = "Keys that sign URLs of ${var.name}."
  items   = [for key in aws_cloudfront_public_key.this : key.id]

  # The distribution drops its reference first.
  lifecycle {
    create_before_destroy = true
  }
}
