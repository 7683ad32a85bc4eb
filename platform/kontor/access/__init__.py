"""Roles, function rights, data scope, field rights and their explanation."""
