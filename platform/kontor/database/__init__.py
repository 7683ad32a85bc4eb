"""The connection that serves one company a transaction, and what its refusals mean for people."""
