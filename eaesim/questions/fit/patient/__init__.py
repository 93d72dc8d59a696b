"""Patients estimated from the natural history, one for each parameter set of the rat."""
