"""``python -m permanence`` is the ``permanence`` command."""

import sys

from permanence.config.cli import main

sys.exit(main())
