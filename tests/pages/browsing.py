"""A page that remembers everything the browser complained about."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.pages.conftest import PASSWORD, Demo


@dataclass
class Visit:
    """A page of the demo in a browser of its own, and the complaints of that browser."""

    demo: Demo
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def begin(cls, browser: Browser, demo: Demo, **options: Any) -> "Visit":
        context = browser.new_context(base_url=demo.base, **options)
        visit = cls(demo, context, context.new_page())
        visit.page.on("console", lambda message: visit.complaints.append(f"{message.type}: {message.text}"))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        return visit

    def log_in(self, username: str = "alice", password: str = PASSWORD) -> "Visit":
        self.page.goto("/sessions/login/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("main").get_by_role("button", name="Log in").click()
        return self
