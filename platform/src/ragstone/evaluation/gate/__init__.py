"""The verdict: PASS, FAIL or INCONCLUSIVE, and the gate's test of itself."""
