"""A comparison of schedules in words."""

CAPTION = "Schedules side by side on the same rats. Repeated schedules are a prediction."
METHODS = (
    "Schedules that give IVIG more than once are also run in rats that make antibodies against the given "
    "IgG: an assumed extra clearance."
)
