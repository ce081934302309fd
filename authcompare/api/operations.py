"""What each path takes and gives, for programs. A path that is not here is not part of the API."""

from dataclasses import dataclass
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from authcompare.api import bodies
from authcompare.logins.credentials import Credentials, PasswordChange
from authcompare.logins.views import LoginSerializer
from authcompare.notes.views import NoteSerializer
from tokens_demo.views import TokenLogin

PROBLEMS = {
    400: "Not understood: `invalid` (with `errors`), `parse_error`, `invalid_request`",
    401: "Who are you: `not_authenticated`, `credentials`, `invalid_token`",
    403: "You may not: `csrf`, `reauthenticate`",
    404: "Not there, or not yours: `not_found`",
    406: "Only JSON is spoken here: `not_acceptable`",
    413: "Too large a body: `too_large`",
    415: "Send JSON: `unsupported_media_type`",
    422: "The transport cannot carry this user's token: `token_too_large`",
    429: "Too many attempts: `locked`",
    503: "Try again in a moment: `unavailable` (the database is away), `busy` (too many passwords at once)",
}
READS = (401, 406)
ENDING = (400, 401, 403, 406)
WRITES = (400, 401, 403, 406, 413, 415)
GONE = OpenApiResponse(description="Done")
TOLD_LATE = OpenApiResponse(bodies.Ended, description="Done, but Redis could not be told")
ENDS = {204: GONE, 200: TOLD_LATE}
OTHERS = OpenApiParameter("others", bool, description="Spare this login.")
TOTAL = OpenApiParameter("X-Total-Count", int, "header", response=[200], description="How many there are.")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path; `name` is what a generated client calls it."""

    name: str
    summary: str
    gives: dict[Any, Any]
    fails: tuple[int, ...] = READS
    takes: Any = None
    parameters: tuple[OpenApiParameter, ...] = ()
    logs_in: bool = False  # nobody has to be known yet
    detail: str = ""


RESOURCE = {
    "GET me/": Operation("me", "Who answers, and by which login", {200: bodies.Me}),
    "GET notes/": Operation(
        "notes_list", "My notes, newest first, 20 a page", {200: NoteSerializer}, (*READS, 404)
    ),
    "POST notes/": Operation(
        "notes_create", "Write a note", {201: NoteSerializer}, WRITES, takes=NoteSerializer
    ),
    "GET notes/{id}/": Operation("notes_read", "Read a note", {200: NoteSerializer}, (*READS, 404)),
    "PUT notes/{id}/": Operation(
        "notes_replace", "Replace a note", {200: NoteSerializer}, (*WRITES, 404), takes=NoteSerializer
    ),
    "PATCH notes/{id}/": Operation(
        "notes_change", "Change a note", {200: NoteSerializer}, (*WRITES, 404), takes=NoteSerializer
    ),
    "DELETE notes/{id}/": Operation("notes_delete", "Delete a note", {204: GONE}, (*READS, 403, 404)),
    "GET active/": Operation(
        "active_list",
        "My active logins of this kind",
        {200: LoginSerializer(many=True)},
        parameters=(TOTAL,),
        detail="This one, then the newest; 100 at most.",
    ),
    "DELETE active/": Operation(
        "active_end_all", "End all my logins of this kind", {200: bodies.Ended}, ENDING, parameters=(OTHERS,)
    ),
    "DELETE active/{id}/": Operation("active_end", "End one of my logins", ENDS, (*READS, 403, 404)),
}  # fmt: skip

SESSIONS = {
    "GET login/": Operation(
        "login_form",
        "The login page, and the CSRF cookie",
        {(200, "text/html"): OpenApiTypes.STR},
        (),
        logs_in=True,
    ),
    "POST login/": Operation(
        "login", "Log in", {200: bodies.Me}, (*WRITES, 429), takes=Credentials, logs_in=True
    ),
    "POST logout/": Operation(
        "logout", "Log out", ENDS, (403,), logs_in=True, detail="Done too where nobody was logged in."
    ),
    "GET password/": Operation(
        "password_form", "The page to change my password", {(200, "text/html"): OpenApiTypes.STR}, (401,)
    ),
    "POST password/": Operation(
        "change_password",
        "Change my password; every other login of either kind ends",
        ENDS,
        (*WRITES, 429),
        takes=PasswordChange,
        detail="This login goes on under a new key: take the new cookie.",
    ),
}

TOKENS = {
    "POST login/": Operation(
        "login", "Log in", {200: bodies.TokenPair}, (*WRITES, 422, 429), takes=TokenLogin, logs_in=True
    ),
    "POST refresh/": Operation(
        "refresh",
        "A new pair for a refresh token",
        {200: bodies.TokenPair},
        (*WRITES, 422),
        takes=bodies.Refresh,
        logs_in=True,
        detail="Keep the new refresh token. One used before, after a short grace, ends the login.",
    ),
    "POST logout/": Operation(
        "logout",
        "Log out",
        {200: bodies.LoggedOut},
        (400, 403, 406, 413, 415),
        takes=bodies.Refresh,
        logs_in=True,
        detail="200 whatever the token is (RFC 7009).",
    ),
    "POST password/": Operation(
        "change_password",
        "Change my password; every other login of either kind ends",
        {200: bodies.RenewedPair},
        (*WRITES, 422, 429),
        takes=PasswordChange,
        detail="This login goes on with the new pair.",
    ),
}

MOUNTS = {"sessions": RESOURCE | SESSIONS, "tokens": RESOURCE | TOKENS}


def operation(method: str, path: str) -> tuple[str, Operation] | None:
    """The mount and what is done there; None for pages and for what exists only in the lab."""
    mount, _, below = path.strip("/").partition("/")
    found = MOUNTS.get(mount, {}).get(f"{method} {below}/")
    return (mount, found) if found else None
