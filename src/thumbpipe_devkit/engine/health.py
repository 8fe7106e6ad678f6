"""LocalStack's readiness endpoint."""

import httpx


def is_ready(endpoint_url: str, timeout_s: float = 2.0) -> bool:
    """Return whether a LocalStack answers at the URL and has finished starting."""
    try:
        answer = httpx.get(f"{endpoint_url}/_localstack/init/ready", timeout=timeout_s, trust_env=False)
        return answer.status_code == httpx.codes.OK and answer.json().get("completed") is True
    except (httpx.HTTPError, ValueError, AttributeError):
        return False
