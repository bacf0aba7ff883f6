"""leakscan inside other programs: one module for each, loaded only by who uses it."""
