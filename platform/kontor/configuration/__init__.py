"""Settings of a company and the modules it has switched on."""
