"""What requests cost: the arms that are timed, how they are compared, and what may spoil it."""
