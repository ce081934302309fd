"""What is measured: how it is to be run, and what one holds of it while it runs."""
