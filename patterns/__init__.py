"""The rules that ship with leakscan: one TOML file a provider, or a field for the small ones."""
