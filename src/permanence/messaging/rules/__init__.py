"""The rules of messages, pure: what is enough to act on, who is told and how, what a delivery may claim."""
