"""What masking a share of the weights does inside a network: where it falls, and what it shifts."""
