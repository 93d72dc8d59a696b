"""Effect of a dose against the day it is given, in a patient with one attack."""
