"""What people and administrators ask is found by an index, however many logins there are.

Here are ten thousand of each kind, as many lines of the trail, and whatever is looked for is rare. The SQL is
what the product says while it does it.
"""

import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from authcompare.logins.models import Login, Reason
from authcompare.logins.trail import AuthEvent
from sessions_demo.models import Session
from tests.admin.administrators import LISTS, TRAIL, Administrator
from tests.callers import SessionCaller, TokenCaller
from tests.people import PASSWORD, User, copied
from tests.plans import Columns, Plan, plan, watched
from tokens_demo.models import TokenFamily

LOGINS, USERS, RARE = 10_000, 2_000, 50
BATCH = 2_000


@dataclass
class World:
    """Who asks. `whole` is what it takes to read every row of the smallest of the large tables."""

    alice: Any
    session: SessionCaller
    token: TokenCaller
    admin: Administrator
    whole: int


def logins(kind: type[Login], users: list[Any]) -> Iterator[Login]:
    """Most were logged out of; whatever else is looked for is one in RARE."""
    now = timezone.now()
    for number in range(LOGINS):
        began = now - timedelta(minutes=number)
        times = {**kind.beginning(began), "idle_until": now + timedelta(hours=1)}
        own = {"key_hash": uuid.uuid4().hex} if kind is Session else {}
        place = {"ip": address(number), "device": "Firefox on Linux"}
        rare = rarities(now, began).get(number % RARE, {"ended_at": began, "ended_reason": Reason.LOGOUT})
        yield kind(user=users[number % USERS], **{**times, **own, **place, **rare})


def rarities(now: datetime, began: datetime) -> dict[int, dict[str, Any]]:
    long_ago = now - timedelta(days=40)
    return {
        0: {"device": "Opera on Linux"},
        1: {"authenticated_at": began + timedelta(seconds=1)},
        2: {"idle_until": now - timedelta(minutes=1)},
        3: {"idle_until": long_ago},
        4: {"ended_at": long_ago, "ended_reason": Reason.LOGOUT},
        5: {"ended_at": began, "ended_reason": Reason.REUSE},
    }


def address(number: int) -> str:
    return f"10.{number % 250}.{number // 250}.7"


def events(users: list[Any]) -> Iterator[AuthEvent]:
    for number in range(LOGINS):
        user, rare = users[number % USERS], number % RARE == 0
        yield AuthEvent(
            at=timezone.now() - timedelta(seconds=60 * number),
            kind=AuthEvent.Kind.REUSE if rare else AuthEvent.Kind.LOGIN,
            scheme="token" if rare else "session",
            login_id=uuid.uuid4(),
            user_id=str(user.pk),
            username=user.username,
            actor=user.username if rare else "",
            reason=Reason.REUSE if rare else "",
            ip=address(number),
        )


def fill() -> None:
    User.objects.bulk_create((User(username=f"user{n}", password="!") for n in range(USERS)), BATCH)
    users = list(User.objects.filter(username__startswith="user").order_by("pk"))
    for kind in (Session, TokenFamily):
        kind.objects.bulk_create(logins(kind, users), BATCH)
    AuthEvent.objects.bulk_create(events(users), BATCH)
    if connection.vendor == "postgresql":  # SQLite is never told in production either
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Once for all tests of this file; nothing of it stays."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def world(filled: None, db: None, settings: Any) -> World:
    settings.SESSION_STORE = settings.TOKEN_CHECK = "database"
    alice = User.objects.create_user("alice", password=PASSWORD)
    User.objects.create_superuser("admin", password=PASSWORD)
    nobody = plan("SELECT count(*) FROM logins_authevent WHERE device = 'of nobody'").read
    return World(alice, SessionCaller(), TokenCaller(), Administrator.logged_in(), nobody)


NEWEST, TOLD = ("created_at", "id"), ("at", "id")  # the orders in which lists are shown
OF_USER = ("user_id", "network")
DEVICE, REASON = ("device", *NEWEST), ("ended_reason", *NEWEST)
NOBODYS = uuid.UUID(int=7)  # the id of no login
DONE = {
    "a request with a session": (lambda world: world.session.me(), {("key_hash",)}),
    "a request with an access token": (lambda world: world.token.me(), {("id",)}),
    "a refresh": (lambda world: world.token.refresh(), {("id",)}),
    "a login by session": (lambda world: SessionCaller(), {OF_USER, ("username",)}),
    "a login by token": (lambda world: TokenCaller(), {OF_USER, ("username",)}),
    "a stranger's guess": (
        lambda world: TokenCaller("alice", "wrong"),
        {OF_USER, ("username",)},
    ),
    "own devices": (
        lambda world: world.session.client.get("/sessions/devices/", headers={"Accept": "text/html"}),
        {OF_USER},
    ),
    "own devices, by the API": (lambda world: world.token.call("GET", "active/"), {OF_USER}),
    "an end of all others": (
        lambda world: world.token.call("DELETE", "active/?others=true"),
        {OF_USER, ("id",)},
    ),
    "an end of all logins of a user": (
        lambda world: world.alice.end_all_logins(world.alice),
        {OF_USER, ("id",)},
    ),
    "what an emptied Redis is told again": (
        lambda world: TokenFamily.objects.recently_marked(),
        {("authenticated_at",)},
    ),
    "purgelogins": (
        lambda world: call_command("purgelogins", stdout=io.StringIO()),
        {("ended_at",), ("idle_until",), TOLD},
    ),
}
LISTED = {
    "": {NEWEST},
    "q=user77": {("username",), OF_USER},
    "q=10.7.3.7": {("ip",)},
    f"q={NOBODYS}": {("id",)},
    "state=active": {("idle_until",)},
    "state=expired": {("idle_until",)},
    "state=ended": {NEWEST},
    "ended_reason=reuse": {REASON},
    "within=hour": {NEWEST},
    "within=month": {NEWEST},
    "user=user777": {("username",), OF_USER},
    "device=Opera+on+Linux": {DEVICE},
    "device=Firefox+on+Linux": {DEVICE},
}
TRAILED = {
    "": {TOLD},
    "q=user77": {("username",), ("actor",)},
    "q=10.7.3.7": {("ip",)},
    f"q={NOBODYS}": {("login_id",)},
    "kind=reuse": {("kind", *TOLD)},
    "scheme=token": {("scheme", *TOLD)},
    "reason=reuse": {("reason", *TOLD)},
    "within=hour": {TOLD},
    "within=month": {TOLD},
}
LISTS_ASKED = [
    *((path, asked, by) for path in LISTS.values() for asked, by in LISTED.items()),
    *((TRAIL, asked, by) for asked, by in TRAILED.items()),
]


def is_by_index(plans: list[Plan], by: set[Columns], world: World) -> None:
    """These indexes are used, and no statement reads half of the rows.

    To go through a whole index is to use it only where its order is the one that is shown.
    """
    used = {index for one in plans for index in one.looked_up | one.followed & {NEWEST, TOLD}}
    assert by <= used
    assert not [one for one in plans if one.read * 2 > world.whole]


@pytest.mark.parametrize("name", DONE)
def test_what_users_and_commands_do_is_by_index(name: str, world: World) -> None:
    act, by = DONE[name]
    with watched() as plans:
        act(world)
    is_by_index(plans, by, world)


def test_a_guess_reads_no_more_however_often_its_account_has_logged_in(world: World) -> None:
    often = Session.objects.get(user=world.alice)
    often.user, often.network = User.objects.create_user("often"), "192.0.2.1"
    copied(often, LOGINS)
    with watched() as plans:
        TokenCaller("often", "wrong")
    is_by_index(plans, {OF_USER}, world)


@pytest.mark.parametrize(
    ("path", "asked", "by"), LISTS_ASKED, ids=[f"{p}?{q[:12]}" for p, q, _ in LISTS_ASKED]
)
def test_a_list_of_the_admin_is_by_index(path: str, asked: str, by: set[Columns], world: World) -> None:
    with watched() as plans:
        world.admin.page(f"{path}?{asked}")
    is_by_index(plans, by, world)


@pytest.mark.parametrize(
    "asked",
    [
        Session.objects.filter(user_agent="of nobody"),
        Session.objects.filter(session_data="of nobody").order_by("pk")[:500],
        AuthEvent.objects.filter(username__contains="ser77"),
    ],
    ids=["by no index", "in the order of one", "in the middle of a text"],
)
def test_what_does_read_every_row_is_noticed(asked: Any, world: World) -> None:
    with watched() as plans:
        list(asked.all())
    with pytest.raises(AssertionError, match="Plan"):
        is_by_index(plans, set(), world)
