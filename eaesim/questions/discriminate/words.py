"""Experiments that would tell mechanisms apart, in words."""

CAPTION = "What each experiment is expected to tell about the mechanism."
METHODS = (
    "Each mechanism of IVIG gets its strength from the calibrating findings alone, in every parameter set; "
    "those of another drug have the values of its file, spread over their bounds. The "
    "outcome is the difference between the means of a treated and an untreated arm; the information that it "
    "is expected to give about the true mechanism is computed by quadrature."
)
STEPS = "steps"
