"""The contract of both vendors as data; see README.md in this folder."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent
