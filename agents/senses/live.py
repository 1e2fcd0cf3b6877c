"""The line of each device on people's screens, kept so that what one poll did not tell stays as the one before told it."""

from core.messages import LiveDevice


class LiveRows:
    """One thread's. Rows by device id."""

    def __init__(self) -> None:
        self._rows: dict[str, LiveDevice] = {}

    def put(self, row: LiveDevice, *, light: bool = False) -> LiveDevice:
        """The row as it is to be shown: with the time since when its status holds, and with its ports where an answering device was not
        asked about them this time. light: it was asked for nothing at all."""
        before = self._rows.get(row.id)
        if before is not None:
            if light and before.status == "partial":
                row = row.replace(status=before.status)
            if before.status == row.status:
                row = row.replace(since=before.since)
            if row.ports < 0 and row.status in ("up", "partial") and before.ports >= 0:
                row = row.replace(ports=before.ports, ports_up=before.ports_up, in_bps=before.in_bps, out_bps=before.out_bps)
        self._rows[row.id] = row
        return row

    def forget(self, device_id: str) -> None:
        self._rows.pop(device_id, None)
