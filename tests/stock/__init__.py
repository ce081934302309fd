"""What people would take instead: set-ups from the shelf, each a Django project that differs in one module.

`base.py` is what they share, and what a careful operator would have set; the other modules say what each is.
"""
