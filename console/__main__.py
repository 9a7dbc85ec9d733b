"""`python -m console` is `console`."""

from console.cli import main

if __name__ == "__main__":  # a simulation's processes import this module too
    main()
