"""The product's addresses, and the victim's own page."""

from django.urls import include, path

from authcompare.experiments.victim import pages

urlpatterns = [
    path("victim/", pages.page),
    path("victim/<slug:name>.js", pages.script),
    path("", include("authcompare.urls")),
]
