from django.urls import path

from authcompare.pages.attacks import evidence, room, thief

urlpatterns = [
    path("", room.index, name="attacks"),
    path("happened/<slug:run>/", evidence.evidence),
    path("board/<slug:run>/", room.board),
    path("lure/<slug:run>/", room.lure),
    path("unguarded/", room.unguarded),
    path("loot/<slug:run>/", thief.take),
    path("steal/<slug:run>/", thief.steal),
    path("reuse/<slug:run>/", thief.reuse),
    path("<slug:name>/", room.attack),
]
