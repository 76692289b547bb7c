"""Patient pathways (*parcours*): who is followed, by which steps, and what falls behind."""
