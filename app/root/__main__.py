"""`python -m heliograph` is the `heliograph` command."""

from heliograph.app.cli import main

if __name__ == "__main__":
    main()
