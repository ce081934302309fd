"""`manage.py compare --bench`: figures that have a goal, too long or too particular for every run."""
