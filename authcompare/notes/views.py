"""Own notes, as JSON and as a plain page. `authcompare/urls.py` decides who may say whose they are."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View
from rest_framework import generics, serializers
from rest_framework.exceptions import NotAuthenticated, NotFound

from authcompare.fields import TextField
from authcompare.notes.models import MAX_TEXT, Note

PAGE_SIZE = 20


class NoteSerializer(serializers.ModelSerializer):
    """`{id, text, created_at}`; the owner is who asks, never what the body says."""

    text = TextField(max_length=MAX_TEXT)

    class Meta:
        model = Note
        fields = ["id", "text", "created_at"]


def write(note: serializers.BaseSerializer[Note], owner_id: Any) -> None:
    """Raises NotAuthenticated where a credential that no row was asked about names a user who is gone."""
    try:
        note.save(owner_id=owner_id)
    except IntegrityError as gone:
        raise NotAuthenticated from gone


class OwnNotes(generics.GenericAPIView):
    """Somebody else's note is not there: 404."""

    serializer_class = NoteSerializer

    def get_queryset(self) -> QuerySet[Note]:
        return Note.objects.filter(owner_id=self.request.user.pk)


class NoteList(OwnNotes, generics.ListCreateAPIView):
    """List (paginated) and create."""

    def perform_create(self, serializer: serializers.BaseSerializer[Note]) -> None:
        write(serializer, self.request.user.pk)


class NoteDetail(OwnNotes, generics.RetrieveUpdateDestroyAPIView):
    """Read, replace, change, delete."""

    def perform_update(self, serializer: serializers.BaseSerializer[Note]) -> None:
        # One UPDATE: `save` would insert a note anew that was deleted meanwhile.
        if not self.get_queryset().filter(pk=self.kwargs["pk"]).update(**serializer.validated_data):
            raise NotFound
        for name, value in serializer.validated_data.items():
            setattr(serializer.instance, name, value)


class NotesPage(LoginRequiredMixin, View):
    """The same notes for a browser, without JavaScript."""

    def get(self, request: HttpRequest, **context: Any) -> HttpResponse:
        notes = Note.objects.filter(owner_id=request.user.pk)
        page = Paginator(notes, PAGE_SIZE).get_page(request.GET.get("page"))
        status = 400 if context.get("errors") else 200
        return render(
            request, "notes/notes.html", {"page": page, "limit": MAX_TEXT, **context}, status=status
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        note = NoteSerializer(data=request.POST)
        if not note.is_valid():
            return self.get(request, errors=note.errors, text=request.POST.get("text", ""))
        try:
            write(note, request.user.pk)
        except NotAuthenticated:
            return redirect_to_login(request.path)
        return redirect(request.path)
