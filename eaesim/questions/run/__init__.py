"""One study: every arm with the same rats."""
