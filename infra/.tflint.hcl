tflint {
  required_version = ">= 0.50"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}

plugin "aws" {
  enabled = true
  version = "0.42.0"
  source  = "github.com/terraform-linters/tflint-ruleset-aws"
}

# One file a function or topic, not main.tf; outputs and variables lie where the rule wants them, but by topic.
rule "terraform_standard_module_structure" {
  enabled = false
}
