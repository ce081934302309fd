"""The token scheme: the contract in each mode that ends at once, and what only tokens have."""

from tests.callers import TokenCaller
from tests.scheme_contract import SchemeContract
from tokens_demo.models import TokenFamily


class TestDatabaseTokens(SchemeContract):
    caller = TokenCaller
    kind = TokenFamily
    overrides = {"TOKEN_CHECK": "database"}


class TestDenylistTokens(SchemeContract):
    caller = TokenCaller
    kind = TokenFamily
    overrides = {"TOKEN_CHECK": "denylist"}
