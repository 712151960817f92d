"""Questions to a registry: what was given, and what another book would say."""
