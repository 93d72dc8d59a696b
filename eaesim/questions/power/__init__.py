"""How many animals an effect needs: many studies drawn from a large pool of virtual rats."""
