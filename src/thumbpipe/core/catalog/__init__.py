"""What is known about each image: its entry, its id, its S3 keys; upload requests; the catalog's port."""
