"""The durable shell: `case.py`, and one small module a procedure with its workflow type."""
