"""Where a page of the victim's keeps its credential."""

from enum import StrEnum

SESSION_COOKIE = "__Host-sessionid"
ACCESS_COOKIE, REFRESH_COOKIE = "__Host-access", "__Host-refresh"


class Place(StrEnum):
    """As the page is asked for it: `?place=`."""

    SESSION = "session"
    TOKEN_COOKIE = "token cookie"
    READABLE_COOKIE = "readable cookie"
    LOCAL_STORAGE = "localStorage"
    SESSION_STORAGE = "sessionStorage"
    MEMORY = "memory"
    MEMORY_EARLY = "memory, early fetch"

    @property
    def scheme(self) -> str:
        """What it is that is kept there."""
        return "session" if self is Place.SESSION else "token"

    @property
    def mount(self) -> str:
        """The addresses that take it."""
        return f"/{self.scheme}s"

    @property
    def cookies(self) -> set[str]:
        """In which of the server's it goes along with whatever the browser sends; in none out of a store."""
        carriers = {Place.SESSION: {SESSION_COOKIE}, Place.TOKEN_COOKIE: {ACCESS_COOKIE, REFRESH_COOKIE}}
        return carriers.get(self, set())
