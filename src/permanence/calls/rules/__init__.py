"""The rules of calls, pure: who takes whom, which verb is open in which state, which number may be dialled."""
