"""The simulator: a Flask application that answers both vendors' documented calls."""
