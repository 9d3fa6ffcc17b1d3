"""The one place where real parts are chosen and joined."""
