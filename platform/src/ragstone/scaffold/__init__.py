"""New plugins, written from templates."""
