"""`python -m tscviz`."""

import sys

from tscviz.cli import main

sys.exit(main())
