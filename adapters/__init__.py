"""Programs of other makers, spoken to in their own words."""
