"""The session scheme: the contract in each store, and what only sessions have."""

from sessions_demo.models import Session
from tests.callers import SessionCaller
from tests.scheme_contract import SchemeContract


class TestDatabaseSessions(SchemeContract):
    caller = SessionCaller
    kind = Session
    overrides = {"SESSION_STORE": "database"}


class TestCachedSessions(SchemeContract):
    caller = SessionCaller
    kind = Session
    overrides = {"SESSION_STORE": "cached"}
