"""What the host remembers of users: little, declared, visible, and gone when they say so."""
