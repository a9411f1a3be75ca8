"""Everything that goes to people: what is due, its words, its files, the way there."""
