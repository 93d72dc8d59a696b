"""Many rats abreast in one register: the fast engine."""
