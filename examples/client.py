"""A device that tells Scoreline what its player did: python3 examples/client.py http://localhost:8080 ann"""
import json, sys, time, urllib.error, urllib.request, uuid


class Device:
    def __init__(self, base, player, token=None):
        self.base, self.player, self.waiting = base, player, []
        self.headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.base + path, data, self.headers), timeout=10) as answer:
            return json.load(answer)

    def note(self, event_type, **fields):
        """Keeps an event until the server has it. Its id lets it be sent again without being counted again."""
        self.waiting.append({"event_type": event_type, "user_id": self.player, "event_id": str(uuid.uuid4()),
                             "timestamp": int(time.time() * 1000), "app_version": "1.0.0", "platform": "ios", **fields})

    def send(self, attempts=5):
        """Sends what waits, 500 events at once. Answers those that were rejected, each with the reason."""
        rejected = []
        while batch := self.waiting[:500]:
            try:
                rejected += self.ask("/api/events", {"events": batch, "sent_at": int(time.time() * 1000)})["rejected"]
                del self.waiting[:len(batch)]
            except (urllib.error.URLError, TimeoutError) as error:  # Away, or busy: 503 and 429 say for how long.
                if (attempts := attempts - 1) == 0 or getattr(error, "code", 503) not in (429, 502, 503, 504):
                    raise
                time.sleep(float(error.headers.get("Retry-After", 1)) if hasattr(error, "headers") else 1)
        return rejected


if __name__ == "__main__":
    device = Device(sys.argv[1], sys.argv[2])
    device.note("game_ended", game_mode="endless", score=1200, duration_seconds=90, obstacles_dodged=40, max_combo=12,
                coins_collected=25, gems_collected=1, hearts_remaining=0, cause_of_death="missile")
    print("rejected:", device.send())
    print("rank:", device.ask(f"/api/v2/leaderboard/user/{device.player}")["user"]["rank"])
