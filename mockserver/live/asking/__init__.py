"""A permitted call into a live service's answer, and answers into assertions on behaviours. After `judging`."""
