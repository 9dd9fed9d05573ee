-- Answers: how many players a board holds, or nil if it is not loaded. O(1).
local _, _, count = loaded()
return count
