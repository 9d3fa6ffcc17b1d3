"""Violence, and the account of what it cost: see docs/reliability.md."""
