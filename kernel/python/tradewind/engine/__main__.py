"""Starts an engine: ``python …/tradewind/engine/__main__.py -f CONNECTION_FILE``.

Run as a script, so that no PYTHONPATH leaks into what users start; the package's folder goes last on the module path.
"""

import os
import sys

sys.path[0] = ""
sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

if __name__ == "__main__":
    from tradewind.engine.app import main

    main()
