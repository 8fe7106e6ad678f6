from urllib.parse import urlsplit

from playwright.sync_api import Page, Response


class Watch:
    """What a page did that a person would not see."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.failures: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("response", self._on_response)

    def _on_response(self, response: Response) -> None:
        if not response.ok:
            self.failures.append(f"{response.status} {response.url}")

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url in self.requests if not url.startswith("data:")}
