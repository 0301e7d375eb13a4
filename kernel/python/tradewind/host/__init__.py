"""What runs beside an engine, not in it: loading of environment modules, and the host of an engine on a compute node. Standard library and pyzmq alone."""
