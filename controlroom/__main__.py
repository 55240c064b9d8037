"""`python -m controlroom` is the same as `controlroom`."""

import sys

from controlroom.cli import main

if __name__ == "__main__":
    sys.exit(main())
