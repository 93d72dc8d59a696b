"""Dose finding in relapsing-remitting patients: relapses against dose, interval and exposure."""
