"""Requests and answers: how they are sent, kept, and told apart."""
