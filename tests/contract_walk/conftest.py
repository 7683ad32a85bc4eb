"""The callers of the contract suite, for sentences of the outer contract."""

from tests.contract.conftest import api, api_as

__all__ = ["api", "api_as"]
