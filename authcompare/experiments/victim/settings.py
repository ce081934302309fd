"""The product's settings, with cookies as in production, and the victim's own page and witness beside it."""

import re

from authcompare.experiments.browsing.variants import PARTNER
from authcompare.settings import *  # noqa: F403
from authcompare.settings import API_SETTINGS, MIDDLEWARE

ROOT_URLCONF = "authcompare.experiments.victim.urls"
MIDDLEWARE = [
    "authcompare.experiments.victim.witness.Witness",
    "authcompare.experiments.victim.layers.Layered",
    *MIDDLEWARE,
]

SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
TOKEN_ACCESS_COOKIE = "__Host-access"
TOKEN_REFRESH_COOKIE = "__Host-refresh"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

# Under every name; where CORS is no layer in force, `Layered` takes the answer's headers away again.
CORS_ALLOWED_ORIGIN_REGEXES = [rf"^https://({re.escape(PARTNER)}|([a-z]+\.)?cors[a-z0-9-]*\.test):\d+$"]
CORS_ALLOW_CREDENTIALS = True
CORS_URLS_REGEX = r"^/"

REST_FRAMEWORK = {
    **API_SETTINGS["REST_FRAMEWORK"],
    "DEFAULT_PARSER_CLASSES": [
        *API_SETTINGS["REST_FRAMEWORK"]["DEFAULT_PARSER_CLASSES"],
        "authcompare.experiments.victim.parsers.AnythingParser",
    ],
}
