"""The embedded server, the security context, the isolation of client companies."""
