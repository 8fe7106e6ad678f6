"""The child process of an execution environment: started, limited in memory, and ended with the engine."""
