"""The nouns and the seams of Yunwang: what every room may know, and nothing that touches the outside."""

__version__ = "0.1.0"
