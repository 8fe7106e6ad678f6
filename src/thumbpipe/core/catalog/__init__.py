"""What is known about each image: its entry, its id, its keys in the bucket, and the port of the table."""
