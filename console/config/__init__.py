"""centre.yaml and the configuration it means: parse, check, compare, apply, export."""
