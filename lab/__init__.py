"""A city in a box: one seeded, stateful City and its projections over real sockets."""
