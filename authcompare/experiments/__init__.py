"""What measures. It knows the system only as something that answers HTTP.

Here at the top: what a claim is written with (`claim`, `clients`, `promises`, `estimates`, `verdict`), what
runs it (`schedule`, `frame`, `runs`, `timing`, `servers`), what comes of it (`results`, `report`, `plots`).
Each folder says in its first line what is in it; what a claim does is in `scenes`, `browsing` and `costs`.
"""
