"""The managed policies that AWS provides in every account, with their real ids."""
