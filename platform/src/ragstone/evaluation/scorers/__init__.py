"""The scorers that Ragstone ships."""
