"""Case files, suites, and importers of other tools' formats."""
