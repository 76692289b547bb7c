"""Dispatch of unscheduled care (*soins non programmés*, SNP): slots, calls, matching, holds and bookings."""
