"""One run or one comparison as HTML, Markdown, JUnit XML or JSON."""
