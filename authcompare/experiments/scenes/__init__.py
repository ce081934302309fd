"""What claims do in a row with clients and deployments, and what each of these scenes came to."""
