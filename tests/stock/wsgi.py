"""DJANGO_SETTINGS_MODULE says which set-up."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
