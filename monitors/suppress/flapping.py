"""A thing that comes and goes: after some times it is one alert that flaps, until it holds still."""

from collections.abc import Iterable, Mapping

from monitors.suppress.seen import Noticed

Key = tuple[str, str, str]
"""Device, rule, instance."""
History = Mapping[Key, tuple[int, ...]]
"""When it was raised, oldest first."""
WINDOW_MS = 30 * 60_000
CALM_MS = 10 * 60_000
TIMES = 4
"""So many times within the window; calm once it was not raised for `CALM_MS`."""
MOST = 16


def key_of(alert: Noticed) -> Key:
    return alert.device_id, alert.rule, alert.instance


def remembered(history: History, alerts: Iterable[Noticed], now_ms: int) -> History:
    """With these alerts in it, each once."""
    found = dict(history)
    for alert in alerts:
        if now_ms - WINDOW_MS < alert.raised_at <= now_ms and alert.raised_at not in (times := found.get(key_of(alert), ())):
            found[key_of(alert)] = tuple(sorted((*times, alert.raised_at)))[-MOST:]
    return found


def recent(history: History, now_ms: int) -> History:
    """Without what is too old to matter."""
    return {key: kept for key, times in history.items() if (kept := tuple(at for at in times if at > now_ms - WINDOW_MS))}


def flapping(history: History, alert: Noticed, now_ms: int) -> bool:
    """Whether it flaps now."""
    times = [at for at in history.get(key_of(alert), ()) if at > now_ms - WINDOW_MS]
    return len(times) >= TIMES and times[-1] > now_ms - CALM_MS
