"""Ablation: how much each part of the model improves the fit."""
