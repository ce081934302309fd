from django.urls import path

from authcompare.pages import choosing, learning, views, wire
from authcompare.pages.side_by_side import side_by_side

urlpatterns = [
    path("", views.home, name="home"),
    path("favicon.ico", views.favicon),
    path("side-by-side/", side_by_side, name="side-by-side"),
    path("wire/", wire.exchanges, name="wire"),
    path("wire/<slug:exchange_id>/", wire.exchange),
    path("choose/", choosing.choose, name="choose"),
    path("learn/", learning.learn, name="learn"),
    path("report/", views.report, name="report"),
    path("report/results.json", views.results_json, name="results"),
    path("report/<slug:name>/", views.claim, name="claim"),
]
