"""What each part of the model buys: the fit again without it."""
