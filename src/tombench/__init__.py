"""tombench: theory of mind in language models, four studies behind one command."""

__version__ = "0.1.0"
