SELECT EXISTS (SELECT 1 FROM scoreline.voids)
