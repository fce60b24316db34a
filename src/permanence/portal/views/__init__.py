"""The client's space, one file a noun."""
