"""The service: CDS Hooks, and cases as JSON. Needs the extra ``tarlatamab-rules[service]``."""
