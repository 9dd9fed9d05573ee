SELECT source FROM scoreline.definitions
