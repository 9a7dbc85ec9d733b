"""Knowledge: articles and their search. Arrives with the authors' pages."""
