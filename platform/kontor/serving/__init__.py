"""Between the web server and Django: what is slow waits here, where it holds neither a thread nor a connection."""
