"""Audit, timeline, attachments, outbox."""
