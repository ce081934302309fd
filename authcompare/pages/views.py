"""Home and report: what this is, how to try it, and what was measured."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from authcompare.experiments import results
from authcompare.pages import evidence, requirements
from authcompare.pages.accounts import shell
from authcompare.problems import problem


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, who may come in, both ways to log in, and the newest verdicts."""
    context = {
        **shell(request),
        "access_seconds": settings.TOKEN_ACCESS_SECONDS,
        "outlives": settings.TOKEN_CHECK == "none",
        "evidence": evidence.newest(),
        "lab": settings.LAB,
        "one_click": settings.WIRE and settings.DEMO_PASSWORD,
    }
    return render(request, "home.html", context)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask here where a page names no icon: the admin, JSON."""
    return redirect(static("authcompare/mark.svg"))


@gzip_page
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The newest evidence: every verdict, and what people say."""
    context = {"evidence": evidence.newest_report(), "asvs": requirements.shipped()}
    return render(request, "report.html", context)


@gzip_page
@require_safe
def claim(request: HttpRequest, name: str) -> HttpResponse:
    """All the evidence for one claim."""
    shown = evidence.newest_claim(name)
    if not (shown.problem or shown.fragment):
        raise Http404(f"There are no results for '{name}'. The report lists those that there are.")
    return render(request, "claim.html", {"evidence": shown, "claim": shown.claim(name)})


@require_safe
def results_json(request: HttpRequest) -> HttpResponse:
    """The newest results, as they were written, with what was shipped of claims not measured here."""
    shown = evidence.newest()
    if shown.results is None:
        detail = shown.problem or "Nothing has been measured yet. Run `manage.py compare --quick`."
        return problem(404, "not_found", detail)
    return HttpResponse(results.written(shown.results), content_type="application/json")
