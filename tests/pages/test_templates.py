"""What every template has to keep, whatever it shows."""

import re
from http import HTTPStatus
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from tests.pages.conftest import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CSS_BUDGET = 15 * 1024
# The policy is `default-src 'self'`: any of these would be refused by the browser, or leave the site.
REFUSED = re.compile(
    r"<script(?![^>]*\ssrc=\"[^\"]+\"></script>)|<style|\sstyle=|\son[a-z]+=|[\"']javascript:"
    r"|(?:src|href|action)=[\"'](?:https?:)?//",
    re.I,
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(template: Path) -> None:
    assert REFUSED.findall(template.read_text()) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_changes_something_carries_the_csrf_token(template: Path) -> None:
    forms = re.findall(r"<form.*?</form>", template.read_text(), re.DOTALL)
    for form in [each for each in forms if 'method="get"' not in each]:
        assert 'method="post"' in form
        assert "{% csrf_token %}" in form


def test_the_stylesheet_is_small_and_alone() -> None:
    text = Path(str(finders.find("authcompare/style.css"))).read_text()
    assert len(text.encode()) <= CSS_BUDGET
    assert "@import" not in text
    assert "url(" not in text


def test_the_page_of_the_resource_never_asks_how_you_logged_in() -> None:
    text = (ROOT / "templates/notes/notes.html").read_text().replace("{% csrf_token %}", "")
    assert not re.search(r"session|token|jwt", text, re.I)


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_a_problem_page_needs_no_request_and_says_what_to_do(status: int) -> None:
    title = HTTPStatus(status).phrase
    page = render_to_string("problem.html", {"status": status, "title": title, "detail": "<i>why</i>"})
    assert f"<h1>{title}</h1>" in page
    assert "&lt;i&gt;why&lt;/i&gt;" in page
    assert "What you can do" in page
    assert "Log out" not in page
