"""The kernel of Kontor: knows no business, gives every resource its surfaces."""
