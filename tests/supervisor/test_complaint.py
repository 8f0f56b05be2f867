"""What goes wrong again and again is logged once."""

from typing import Any

from supervisor.database.complaint import Complaint


def test_a_reason_is_logged_when_it_is_news_and_after_it_was_over() -> None:
    logged: list[tuple[str, Any]] = []

    def log(event: str, **facts: Any) -> None:
        logged.append((event, facts))

    complaint = Complaint(log, "journal.waits")
    assert not complaint.over()
    for error in (OSError("gone"), OSError("gone"), TimeoutError(), TimeoutError()):
        complaint.about(error, waiting=3)
    assert complaint.over()
    assert not complaint.over()
    complaint.about(OSError("gone"))
    assert logged == [
        ("journal.waits", {"error": "gone", "waiting": 3}),
        ("journal.waits", {"error": "TimeoutError", "waiting": 3}),
        ("journal.waits", {"error": "gone"}),
    ]
