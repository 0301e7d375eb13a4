"""What a model costs before it runs: operations and bytes by operator, memory by what it holds, and from these and the paper's tables a projected time."""
