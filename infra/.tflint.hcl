tflint {
  required_version = ">= 0.50"
}

# The rules that tflint brings along; others it would download.
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# One file a function or topic, not main.tf; outputs and variables lie where the rule wants them, but by topic.
rule "terraform_standard_module_structure" {
  enabled = false
}
