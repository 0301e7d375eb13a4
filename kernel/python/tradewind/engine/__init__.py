"""What runs inside an engine: an ipykernel that is bound to a chip and a framework, and driven by the Tradewind kernel."""
