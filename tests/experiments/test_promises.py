"""What the lab holds the product to is what the product is set to."""

import inspect

from authcompare import settings
from authcompare.experiments.promises import ACCESS_SECONDS, COPY_SECONDS
from authcompare.logins import marks


def test_copies_and_access_tokens_live_as_long_as_the_lab_says() -> None:
    assert COPY_SECONDS == marks.COPY_SECONDS
    assert f'number("TOKEN_ACCESS_SECONDS", default={ACCESS_SECONDS})' in inspect.getsource(settings)
