"""Each version of the ledger's tables, run by `Ledger.migrate`."""
