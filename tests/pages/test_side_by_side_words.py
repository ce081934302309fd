"""What the walk says of a step is true of the requests that it shows."""

import html

import pytest
from django.test import Client

from authcompare.accounts.models import User
from tests.callers import TokenCaller

CHECKED = "The server checked the signature and the times"
REMEMBERED = "The server had checked the signature of this very token before"


@pytest.mark.parametrize(
    ("showing", "signatures", "words"), [(0, 1, CHECKED), (1, 0, REMEMBERED)], ids=["first sight", "again"]
)
def test_a_signature_is_said_to_be_checked_where_it_was(
    alice: User, wired: None, client: Client, showing: int, signatures: int, words: str
) -> None:
    caller = TokenCaller()
    seen = [caller.call("GET", "notes/").headers["X-Request-Id"] for _ in range(2)][showing]
    answer = client.get(f"/side-by-side/?step=3&token=3..{seen}", headers={"Accept": "text/html"})
    page = html.unescape(" ".join(answer.content.decode().split()))
    assert f'data-cost="signature"><b>{signatures}</b>' in page
    assert words in page
