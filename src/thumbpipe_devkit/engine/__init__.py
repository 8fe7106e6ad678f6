"""Engines, on which the stack runs: started, monitored and stopped through one interface."""
