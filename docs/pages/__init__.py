"""Pages of the documentation that are made from the package, and the links of its codes."""
