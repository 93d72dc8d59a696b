"""Which experiment would tell the mechanisms apart, per animal."""
