"""The fast engine: several rats per SIMD register."""
