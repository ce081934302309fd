"""A small single-page application with a hole: it shows a stored note without escaping it."""

from django.http import Http404, HttpRequest, HttpResponse

from authcompare.experiments.browsing.outsider import SCRIPTS, attack

PAGE = """<!doctype html>
<title>Victim</title>
<form id="new"><input id="text" aria-label="Text"><button id="save">Save</button></form>
<div id="shown"></div>
<script src="/victim/app.js"></script>
<script src="/victim/reading.js"></script>
"""


def page(request: HttpRequest) -> HttpResponse:
    """Where the credential is kept is the page's business: `?place=`."""
    return HttpResponse(PAGE)


def script(request: HttpRequest, name: str) -> HttpResponse:
    """The page's own, and `uploaded.js`: what an attacker has brought the site to serve as a script."""
    scripts = {"app": (SCRIPTS / "app.js").read_bytes, "reading": (SCRIPTS / "reading.js").read_bytes}
    scripts["uploaded"] = attack
    if name not in scripts:
        raise Http404
    return HttpResponse(scripts[name](), content_type="text/javascript; charset=utf-8")
