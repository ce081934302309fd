"""Knox: one query for the digest of the key and its user; a login ends at once."""

from tests.stock.base import *  # noqa: F403
from tests.stock.base import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "knox"]
AUTHENTICATOR = "knox.auth.TokenAuthentication"
CREDENTIAL = "tests.stock.credentials.knox"
