"""What the browser claims need: Chromium in two policies, a victim over TLS, and a site of somebody else."""
