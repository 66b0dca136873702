"""A line to a service into a cassette without secrets, and a cassette into a world. After `asking`."""
