"""What is shown at the doors: good, altered, forged, and what it weighs and tells."""
