"""`tradewind weights`: checkpoint files from PyTorch to MindSpore and back, bit for bit, every tensor accounted for."""
