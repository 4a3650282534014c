"""Whether people of different groups are served alike."""
