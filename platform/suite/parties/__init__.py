"""One register of customers, suppliers and contacts: a party with roles that carry its id."""
