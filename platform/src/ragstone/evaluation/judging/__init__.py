"""How far a judge can be trusted, and scores corrected for its errors."""
