"""Which passages and which words carried each sentence of an answer."""
