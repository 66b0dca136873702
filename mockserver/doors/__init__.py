"""Ways in for calls: each turns what its server or library hands it into a Request, and a Response into what that wants back."""
