from django.urls import path

from authcompare.pages import views

urlpatterns = [
    path("", views.home, name="home"),
    path("favicon.ico", views.favicon),
    path("report/", views.report, name="report"),
    path("report/results.json", views.results_json, name="results"),
    path("report/<slug:name>/", views.claim, name="claim"),
]
