"""Is a sentence grounded in its source? Features, contradictions, and a small trained detector; no model server."""
