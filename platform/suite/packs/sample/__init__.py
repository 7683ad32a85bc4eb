"""The sample company: Heyue Precision, a trading and light-manufacturing firm in Taiwan with a branch on the mainland.

Written for this project. Its two years of history are made by the product's own services.
"""
