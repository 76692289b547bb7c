"""Codes of professions that rules of pathways name (TRE_G15)."""

DOCTOR = "10"
"""Doctors (*médecins*)."""
