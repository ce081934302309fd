"""TLS, or nothing: a page asked for in clear is redirected; what a program or a form sends is refused.

And what else has to do with how requests arrive: their addresses, and the cookie of a message.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware
from django.utils.http import escape_leading_slashes

from authcompare.problems import problem

# What answers programs. A redirect would let a client that says http go on sending its credentials in clear
# for ever, and nobody would notice (ASVS 4.1.2).
API_PATHS = re.compile(
    r"/(tokens|open|wire|\.well-known|api/schema|sessions/(me|notes|active)|side-by-side/(session|token))/"
)
PROBES = ("/healthz", "/readyz")  # asked by what stands beside the server, and carrying nothing
REFUSAL = "Only over HTTPS. What this request carried went over the wire in clear: replace it."


class PlainHTTP:
    """With SECURE_SSL_REDIRECT, redirects pages that are read; Django's own would redirect everything."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.is_secure() or not settings.SECURE_SSL_REDIRECT or request.path_info in PROBES:
            return self.get_response(request)
        if may_be_redirected(request):
            host = settings.SECURE_SSL_HOST or request.get_host()
            return HttpResponsePermanentRedirect(f"https://{host}{request.get_full_path()}")
        return problem(403, "https_required", REFUSAL)


def may_be_redirected(request: HttpRequest) -> bool:
    """A page that somebody wants to read; what other methods carry has been sent in clear already."""
    return request.method in ("GET", "HEAD") and not API_PATHS.match(request.path_info)


class WithSlash(HttpResponsePermanentRedirect):
    """Keeps method and body: after a 301 a program goes on with GET, reads, and believes it has written."""

    status_code = 308


class AppendSlash(CommonMiddleware):
    """Django's, but an address without its slash works for unsafe requests, too."""

    response_redirect_class = WithSlash

    def get_full_path_with_slash(self, request: HttpRequest) -> str:
        """With DEBUG Django's own would raise, as what was sent would be lost."""
        return escape_leading_slashes(request.get_full_path(force_append_slash=True))


class MessageCookie(CookieStorage):
    """Messages for the next page, under a name that only this host can set (ASVS 3.3.1).

    Not in the session: whoever has just ended their own login has none any more to write it to.
    """

    @property
    def cookie_name(self) -> str:  # type: ignore[override]
        """As the other cookies: with the prefix wherever there is TLS."""
        return "messages" if settings.LAB else "__Host-messages"
