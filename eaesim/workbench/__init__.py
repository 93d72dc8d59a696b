"""Running and storing of any question, without knowing one by name."""
