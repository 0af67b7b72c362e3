"""The policy: one file a procedure, each one class body. Pure: facts in, trail and work out."""
