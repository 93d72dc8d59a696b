"""A study at many settings: a grid, or a sample of them."""
