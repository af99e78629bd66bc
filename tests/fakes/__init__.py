"""Systems that answer on loopback as the real ones do, and say which pitfall each line reproduces."""
