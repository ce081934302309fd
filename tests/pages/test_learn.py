"""The teaching path: all that people say, each with its verdict and a step to watch; nothing of its own."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from authcompare.experiments import results
from authcompare.experiments.claims import discover
from authcompare.experiments.common_claims import COMMON
from authcompare.pages.learning import QUESTIONS
from authcompare.pages.walk import BY_NUMBER
from tests.pages import measured


@pytest.fixture(autouse=True)
def _mine(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAR = tmp_path
    monkeypatch.setattr(results, "SHIPPED", tmp_path / "none.json")
    results.write(tmp_path / "results.json", measured.document())


def text_of(client: Client) -> str:
    page = client.get("/learn/")
    assert page.status_code == 200
    return html.unescape(page.content.decode())


def test_everything_people_say_is_asked_once() -> None:
    said = " ".join(" ".join(schemes.values()) for schemes in QUESTIONS.values())
    told = [one.split(":")[0] for one in said.split()]
    assert sorted(told) == sorted(COMMON)


def test_each_sentence_leads_to_a_step_and_to_the_report(client: Client) -> None:
    sentences = re.findall(r"<li>.*?</li>", text_of(client), re.DOTALL)
    assert len(sentences) == len(COMMON)
    for sentence in sentences:
        step = re.search(r"/side-by-side/\?step=(\d)", sentence)
        assert step is not None
        assert int(step[1]) in BY_NUMBER
        assert re.search(r"/report/(\w+/|#C\d\d)", sentence)


def test_the_words_are_those_of_the_verdict_and_its_absence_is_told(client: Client) -> None:
    sentence = next(one for one in text_of(client).split("<li>") if "can be slower" in one)
    assert "DEPENDS" in sentence
    assert measured.DEPENDS.decisions["C43"].because in sentence
    unmeasured = next(one for one in text_of(client).split("<li>") if "JWTs are large" in one)
    assert "No verdict" in unmeasured
    assert "manage.py compare size" in unmeasured


def test_the_summary_has_every_row_with_its_figures_or_without_a_verdict(client: Client) -> None:
    summary = text_of(client).partition('id="summary"')[2]
    assert summary.count('<th scope="row">') == len(discover())
    assert "refused <here>: 48 of 48" in summary
    assert measured.DEPENDS.rule in summary
    assert summary.count("<td>no verdict</td>") == len(discover()) - 3


def test_damaged_results_are_told(client: Client, settings: Any) -> None:
    (settings.VAR / "results.json").write_text("{")
    assert "cannot be read" in text_of(client)
