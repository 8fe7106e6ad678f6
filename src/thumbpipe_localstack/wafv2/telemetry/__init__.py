"""What WAF tells of requests: samples, metrics, log lines; away from the requests themselves."""
