"""All that a case reads and writes: the ledger, the notices, who holds a role today."""
