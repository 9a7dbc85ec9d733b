"""The JSON API of the contract."""
