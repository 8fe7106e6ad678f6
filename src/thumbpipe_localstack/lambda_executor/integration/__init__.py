"""What LocalStack calls: the executor's plugin, its settings, and patches of LocalStack's Lambda."""
