"""From a question to an answer whose every sentence is checked against an exact quote."""
