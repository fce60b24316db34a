"""What every part may lean on: no Django, no database. A closed list."""
