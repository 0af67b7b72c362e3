"""Values only: no clock, no network, no database, nothing of Temporal."""
