"""What runs, keeps and hands out any question; it knows none by name."""
