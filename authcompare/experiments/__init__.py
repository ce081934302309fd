"""What measures. It knows the system only as something that answers HTTP."""
