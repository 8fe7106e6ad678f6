"""Where the stack runs: starting, watching and stopping it behind one small interface."""
