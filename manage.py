#!/usr/bin/env python
"""The command line of authcompare: demo, compare, purgelogins, demousers, rotatekeys and Django's own."""

import os
import sys


def main() -> None:
    """Run a management command, or say in one sentence what is missing."""
    if sys.version_info < (3, 11):  # noqa: UP036  an older one has to be told
        sys.exit("authcompare needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authcompare.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed here. Run: pip install -r requirements.txt")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
