"""The fit of patients in words."""

CAPTION = (
    "What is read of untreated patients less what was published, in errors of the published numbers: "
    "median and range over parameter sets."
)
METHODS = (
    "Each parameter set of the DA rat was given human values and nine numbers fitted by least squares to "
    "the natural history of relapsing-remitting multiple sclerosis and to the share of relapses under "
    "natalizumab, with the same simulated patients at every step. Sets are weighted by how well both are met."
)
STEPS = "parameter sets"
FOLDER = "fit-patient"
