"""What the product does with thousands of inputs that nobody should send: a sentence, nothing lost, no fault."""
