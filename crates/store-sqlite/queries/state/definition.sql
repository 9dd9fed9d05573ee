SELECT source FROM definitions
