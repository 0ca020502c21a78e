"""Crews: the only rooms that know CrewAI."""
