"""Who asks: users, sessions, tokens, permissions, and the Scope they come down to."""
