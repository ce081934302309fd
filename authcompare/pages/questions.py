"""The advisor's questions and what each answer speaks for. Data only: no rule stands anywhere else."""

from dataclasses import dataclass
from enum import StrEnum

from authcompare.experiments.verdict import Kind


class Side(StrEnum):
    """What a reason can speak for."""

    SESSION = "sessions"
    TOKEN = "tokens"


@dataclass(frozen=True)
class Reason:
    """`cites` is the common claim that was measured; the reason stands where it came to one of `stands`."""

    speaks_for: Side
    text: str
    cites: str
    stands: frozenset[Kind]
    needed: bool = False  # the other side cannot do it; without, it is only better


@dataclass(frozen=True)
class Option:
    """One possible answer."""

    value: str
    words: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Question:
    """Answered by one of its options, or not at all."""

    name: str
    words: str
    options: tuple[Option, ...]

    def option(self, value: str) -> Option | None:
        """The one of that value."""
        return next((one for one in self.options if one.value == value), None)


HOLDS, REFUTED, DEPENDS = frozenset({Kind.HOLDS}), frozenset({Kind.REFUTED}), frozenset({Kind.DEPENDS})

PAGES_CANNOT = Reason(
    Side.SESSION,
    "Loading a page, an image or a plain form cannot carry a header; a cookie goes along by itself.",
    "C20",
    DEPENDS | REFUTED,
    needed=True,
)
NO_CLIENT_CODE = Reason(
    Side.SESSION, "A browser logs in with a plain form, and nobody has to write client code.", "C14", HOLDS
)
PROGRAMS_HAVE_HEADERS = Reason(
    Side.TOKEN,
    "A program has to be taught to keep cookies; a header it sends anyway.",
    "C03",
    DEPENDS | REFUTED,
)
OTHER_SITE = Reason(
    Side.TOKEN,
    "A session cookie reaches another site's requests only where browsers still allow that; a header does.",
    "C47",
    HOLDS | DEPENDS,
    needed=True,
)
SERVICES = Reason(
    Side.TOKEN,
    "A service that holds only the public key checks a token by itself; a session it has to ask about.",
    "C50",
    HOLDS | DEPENDS,
    needed=True,
)
ENDS_AT_ONCE = Reason(
    Side.SESSION,
    "An ended session is refused at once; a token only where every request looks it up, as a session is.",
    "C35",
    HOLDS | DEPENDS,
)
MINUTES_ARE_CHEAP = Reason(
    Side.TOKEN, "A token that nobody looks up costs a request the least.", "C44", HOLDS | DEPENDS
)
RIGHTS_ARE_OLD = Reason(
    Side.SESSION,
    "A token says what was true when it was made; a session is asked each time.",
    "C25",
    DEPENDS | REFUTED,
)
SCRIPTS_READ = Reason(
    Side.SESSION,
    "A script on the page can read a token that is kept where scripts can reach it, and take it away.",
    "C46",
    HOLDS | DEPENDS,
)
STORE_AWAY = Reason(
    Side.TOKEN,
    "A token that nobody looks up is accepted by every server, also while the store is away.",
    "C26",
    HOLDS | DEPENDS,
)

QUESTIONS = (
    Question(
        "client",
        "Who sends the requests?",
        (
            Option("pages", "Browsers that load pages from this server", (PAGES_CANNOT, NO_CLIENT_CODE)),
            Option("scripts", "Scripts in the browser, on pages of the same site"),
            Option("elsewhere", "Scripts in the browser, on pages of another site", (OTHER_SITE,)),
            Option("programs", "Programs: mobile apps, command lines", (PROGRAMS_HAVE_HEADERS,)),
            Option(
                "mixed",
                "Browsers that load pages, and programs too",
                (PAGES_CANNOT, NO_CLIENT_CODE, PROGRAMS_HAVE_HEADERS),
            ),
        ),
    ),
    Question(
        "services",
        "Who has to know which user it is?",
        (
            Option("one", "This application, on one server or on many that share its database"),
            Option("several", "Other services too, without asking this one", (SERVICES,)),
        ),
    ),
    Question(
        "ending",
        "How soon must a login that was ended stop working?",
        (
            Option("once", "At once", (ENDS_AT_ONCE,)),
            Option("minutes", "Within minutes is soon enough", (MINUTES_ARE_CHEAP,)),
        ),
    ),
    Question(
        "rights",
        "How soon must changed rights count?",
        (
            Option("once", "At once", (RIGHTS_ARE_OLD,)),
            Option("minutes", "Within minutes is soon enough"),
        ),
    ),
    Question(
        "scripts",
        "Do scripts of others run on your pages: advertisements, widgets, what users post?",
        (Option("yes", "Yes, or perhaps one day", (SCRIPTS_READ,)), Option("no", "No")),
    ),
    Question(
        "outage",
        "When the database or Redis is away, must requests still be answered?",
        (
            Option("survive", "Yes, as far as that goes", (STORE_AWAY,)),
            Option("stop", "No: without its data the application can do nothing anyway"),
        ),
    ),
)

# What cannot be had together: two answers, and why.
CONFLICTS = (
    (
        ("ending", "once"),
        ("outage", "survive"),
        "Ending at once needs a look-up in every request, and a look-up needs the store: not both.",
    ),
    (
        ("rights", "once"),
        ("outage", "survive"),
        "Rights that count at once have to be looked up, and a look-up needs the store: not both.",
    ),
)
