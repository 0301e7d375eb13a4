"""The trainer: `python -m tradewind.train RUN_FOLDER` runs or resumes a run on PyTorch or MindSpore, in a process of its own."""
