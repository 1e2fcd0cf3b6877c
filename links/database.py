"""Tables as one SQLite file, for whoever wants to ask in SQL: Datasette, DB Browser, a notebook."""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.errors import DiskFullError
from core.i18n import tr


def write_sqlite(tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> bytes:
    """The bytes of a database with one table for each name, its columns made from the rows, keyed by `id`. Lists become JSON.

    Raises `DiskFullError` where the file cannot be put together.
    """
    from sqlite_utils import Database

    try:
        with tempfile.TemporaryDirectory(prefix="yunwang-") as folder:
            path = Path(folder) / "export.db"
            db = Database(path, execute_plugins=False)
            with db.atomic():
                for name, rows in tables.items():
                    db.table(name).create({"id": str}, pk="id", if_not_exists=True)
                    db.table(name).insert_all((dict(row) for row in rows), pk="id", alter=True)
            db.close()
            return path.read_bytes()
    except OSError as error:
        raise DiskFullError(
            tr("The export cannot be put together: {reason}.", reason=error.strerror), way_out=tr("Make room where TMPDIR lies."),
        ) from error
