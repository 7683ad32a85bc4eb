"""Selling, from quotation to cash.

``models`` are the documents, with states and actions; each action calls the file named after the deed: ``quoting``,
``ordering`` (what a draft computes), ``confirming``, ``delivering``, ``returning``, ``invoicing``, ``crediting``.
``resources`` is what people see, ``owners`` what inventory and finance report back, ``api`` what other modules may ask.
"""
