"""Turn journal entries into what a run has reached of the contract: naturally, by force, or never."""
