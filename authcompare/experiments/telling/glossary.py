"""What the words of the reports mean, for somebody who has not read the source."""

VERDICTS = {
    "HOLDS": "true in everything that was measured",
    "REFUTED": "not true here; the figures say why",
    "DEPENDS": "true under the condition that is stated, not true without it; both were measured",
    "INCONCLUSIVE": "measured, but not decided; it says what it would take",
    "SKIPPED": "not measured; it says why",
    "BROKEN": "the measuring failed, which says nothing about the claim",
}
NAMES = {
    "sessions, database": "each request reads the session and its user from the database",
    "sessions, cached": "each request reads a copy from Redis, at most 60 s old in what it says, and whether "
    "the session has ended; the database stays the truth, and is asked about staff, who are never copied",
    "sessions, memory": "kept by one server process alone, gone with it",
    "tokens, none": "each request checks signature and expiry of the access token, and asks nobody",
    "tokens, denylist": "besides, it asks Redis whether the login has ended",
    "tokens, database": "besides, it reads the login and its user from the database",
    "first sight": "a token that this process has not verified before; otherwise it remembers that it has",
    "refresh token": "what a client shows, instead of the password, to get its next access token",
    "open": "the same request without any authentication: what everything else is compared with",
    "notices": "how soon, at the latest, a request takes account of a logout, of a deactivated user, of "
    "changed rights; that staff rights are lost every session shows at once",
    "n": "how many observations a value rests on; the interval says how far it may be off",
    "control": "something that has to work, or has to fail, for the rest to mean anything",
}
