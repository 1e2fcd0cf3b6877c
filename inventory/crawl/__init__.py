"""The net tells itself: what to ask its devices, what their tables mean, where to go next. Pure."""
