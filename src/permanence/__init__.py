"""Permanence: the platform of remote-secretary companies and their clients."""
