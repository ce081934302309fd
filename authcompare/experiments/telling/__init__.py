"""How results are told: on a page, in Markdown, in a terminal, in the README."""
