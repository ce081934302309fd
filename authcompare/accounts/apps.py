from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The one user that both schemes share."""

    name = "authcompare.accounts"
    label = "accounts"
