"""The API, a module for each group of Chatwoot's controllers."""
