"""The supervisor's pages: the room, the clients, the people."""
