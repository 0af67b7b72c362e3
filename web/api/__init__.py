"""The HTTP API, `/v1/`: nouns, bearer tokens, every fault as a problem document (docs/api.md)."""
