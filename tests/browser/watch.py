from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, Response


class Watch:
    """Errors of a page that a user would not see."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.failures: list[str] = []
        self.requests: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
        # Where a photo is sent is the storage's choice; all that is fetched comes from one place.
        if request.method == "GET":
            self.hosts.add(urlsplit(request.url).netloc)

    def _on_response(self, response: Response) -> None:
        if not response.ok:
            self.failures.append(f"{response.status} {response.url}")
