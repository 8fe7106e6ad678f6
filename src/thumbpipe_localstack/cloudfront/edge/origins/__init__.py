"""Origins: what they are asked, and S3, REST APIs and HTTP servers that answer."""
