"""What is left of an effect when the day of the relapse is not known."""
