from data.store import Store


def value(store: Store, code: str) -> int:
    return {"reminder_days_before": 7, "escalation_days_after": 3}[code]
