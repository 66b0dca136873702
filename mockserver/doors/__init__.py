"""Ways in: each turns what a server or library hands it into a Request, and the Response into what that wants back."""
