"""The questions, a folder each: request, answer, figure and words."""
