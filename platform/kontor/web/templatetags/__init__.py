"""Tags and filters of Kontor's templates."""
