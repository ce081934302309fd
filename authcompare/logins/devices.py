"""A user agent string as a person would say it: "Firefox on Linux", "curl"."""

from functools import lru_cache

from ua_parser import parse

# What ua-parser does not know: the tools people call an API with.
API_CLIENTS = {
    "curl/": "curl",
    "HTTPie/": "HTTPie",
    "python-httpx/": "Python httpx",
    "python-requests/": "Python requests",
    "Python-urllib/": "Python urllib",
    "PostmanRuntime/": "Postman",
    "insomnia/": "Insomnia",
    "okhttp/": "OkHttp",
    "Dart/": "Dart",
    "k6/": "k6",
    "node": "Node.js",
}


@lru_cache(maxsize=1024)
def label(user_agent: str) -> str:
    """The name of a device; "Unknown device" where nothing is known."""
    for start, name in API_CLIENTS.items():
        if user_agent.startswith(start):
            return name
    found = parse(user_agent)
    parts = [part.family for part in (found.user_agent, found.os) if part is not None]
    return " on ".join(parts) or "Unknown device"
