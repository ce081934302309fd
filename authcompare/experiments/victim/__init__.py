"""The product over TLS, with a page that has a hole, and with protections that a host name takes off.

Only the browser claims start it: `DJANGO_SETTINGS_MODULE=authcompare.experiments.victim.settings`.
"""
