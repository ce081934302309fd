from django.apps import AppConfig


class LoginsConfig(AppConfig):
    """What a login is, whatever carries it."""

    name = "authcompare.logins"
    label = "logins"
