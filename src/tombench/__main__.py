"""`python -m tombench` is the command `tombench`."""

from tombench.cli import main

if __name__ == "__main__":
    main()
