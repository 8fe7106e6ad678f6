"""The rules and the image engine: values in, values out; no AWS, no environment, no logging."""
