"""The objects of the model as screens show them: lists of a kind, one object with all that is known of it, how many there are."""
