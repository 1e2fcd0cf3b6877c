"""Alerts in the hub: how they come in, who takes them on, mutes, notes and closes them, and the story of each."""

from agents.hub.alerting.part import Alerting

__all__ = ["Alerting"]
