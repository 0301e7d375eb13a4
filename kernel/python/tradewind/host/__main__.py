"""Starts an engine's host: ``python …/tradewind/host/__main__.py``, its task as one line of JSON on stdin."""

import os
import sys

sys.path[0] = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

if __name__ == "__main__":
    from tradewind.host.host import main

    sys.exit(main())
