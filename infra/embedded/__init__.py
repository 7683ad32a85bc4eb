"""PostgreSQL, the broker, the web server and the workers of one machine, started and stopped together."""
