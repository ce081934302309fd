"""Django REST framework's `TokenAuthentication`: one query for the key, stored as it is, and its user."""

from tests.stock.base import *  # noqa: F403
from tests.stock.base import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "rest_framework.authtoken"]
AUTHENTICATOR = "rest_framework.authentication.TokenAuthentication"
CREDENTIAL = "tests.stock.credentials.drf_token"
