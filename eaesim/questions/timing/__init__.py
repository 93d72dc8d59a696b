"""Effect of IVIG against dosing day: the main job."""
