SELECT secret FROM scoreline.secrets WHERE name = $1
