"""One module for each part of the console; each adds its routes to the application."""
