"""One HTML page that simulates in the reader's browser."""
