"""Schedules side by side, the best one, or how much it matters not to know when."""
