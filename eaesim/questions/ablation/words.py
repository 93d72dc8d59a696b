"""The ablation in words."""

CAPTION = "How much less likely the published data are without each component of the model."
METHODS = (
    "Each component was removed from the model and the rest was estimated again, by sequential Monte Carlo "
    "from the posterior of the whole model; log evidence is that of the published data relative to the whole "
    "model; low and high are the minimum and maximum over the chains of the fit."
)
STEPS = "fits without a component"
