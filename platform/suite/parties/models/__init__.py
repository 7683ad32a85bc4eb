"""The register of parties, and the roles they play."""

from suite.parties.models.party import Address, Identifier, Party, Relation
from suite.parties.models.roles import Customer, Role, Supplier

__all__ = ["Address", "Customer", "Identifier", "Party", "Relation", "Role", "Supplier"]
