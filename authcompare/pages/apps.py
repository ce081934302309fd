from django.apps import AppConfig


class PagesConfig(AppConfig):
    """What people look at."""

    name = "authcompare.pages"
    label = "pages"
