"""What the agents know. So far: finding an article; writing and publishing them arrives with the articles' tables.

`analysis` makes tokens of text, `segment` holds an index of them, `spelling` mends words that no article has, and
`search` puts the three together. All of it is in memory and derived: the truth is elsewhere.
"""
