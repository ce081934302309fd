"""Settings modules that break one property on purpose: the lab has to notice every one of them.

Each takes the product's settings and replaces one part. Where that part is code, it is replaced when the
server starts, by a middleware that then gets out of the way.
"""
