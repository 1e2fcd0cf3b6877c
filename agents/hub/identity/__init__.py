"""Who asks, and who may do what: logins, sessions, tokens, accounts, roles, the trial mode."""

from agents.hub.identity.founding import found
from agents.hub.identity.part import Identities

__all__ = ["Identities", "found"]
