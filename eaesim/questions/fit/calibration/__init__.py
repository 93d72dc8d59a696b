"""How often the intervals of a fit hold a truth that is known."""
