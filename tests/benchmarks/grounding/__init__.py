"""The offline detector of unsupported sentences: trained, and measured beside human labels."""
