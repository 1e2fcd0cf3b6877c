"""Operations on the node itself: setting up, looking for faults, backups, what fills the disk."""

from core.operations.noun import JSON, Argument, Operation

_KEY = Argument(name="--with-key", help="Put the key of the secrets into the backup as well; keep such a backup locked away.", type="flag")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="setup", summary="Set this node up: settings, key, own unit, the three offices, systemd.", verb="setup",
        arguments=(
            Argument(name="--answers", help="TOML file with the answers; nothing is asked then.", metavar="FILE"),
            Argument(name="--settings", help="Settings file to make, instead of the usual place.", metavar="FILE"),
            Argument(name="--system", help="Set up the service of this machine below /etc and /var/lib; needs root.", type="flag"),
            Argument(name="--systemd", help="Only write the units for systemd below this folder; /etc on a real machine.", metavar="DIR"),
            Argument(name="--dry-run", help="Show what would be done and do nothing.", type="flag"),
            JSON,
        ),
        handler="cli.setup:setup",
    ),
    Operation(
        id="doctor", summary="Look for faults of this machine and its settings, and name the fix for each.", verb="doctor",
        arguments=(Argument(name="--all", help="Show what is in order as well.", type="flag"), JSON), handler="cli.doctor:doctor",
    ),
    Operation(
        id="node.storage", summary="Show what fills the disk, what retention frees and when, and how long the room lasts.", verb="storage",
        arguments=(JSON,), handler="cli.node:storage",
    ),
    Operation(
        id="node.backup", summary="Back up everything while the hub runs; the backup is proved after it was written.", verb="backup",
        arguments=(
            Argument(name="--to", help="Folder of the backups instead of service.backup_dir.", metavar="DIR"), _KEY,
            Argument(name="--offline", help="Do it in this process with the rights of this account, not by a job of the hub.", type="flag"),
            JSON,
        ),
        handler="cli.backup:backup",
    ),
    Operation(
        id="backup.list", summary="List the backups, newest first.", noun="backup", verb="list",
        arguments=(Argument(name="--to", help="Folder of the backups instead of service.backup_dir.", metavar="DIR"), JSON),
        handler="cli.backup:list_",
    ),
    Operation(
        id="backup.verify", summary="Prove a backup: every file is there and whole.", noun="backup", verb="verify",
        arguments=(Argument(name="DIR", help="The backup; `latest` is the newest."), JSON), handler="cli.backup:verify",
    ),
    Operation(
        id="restore", summary="Restore a backup into an empty data folder; the hub must be stopped.", verb="restore",
        arguments=(
            Argument(name="DIR", help="The backup; `latest` is the newest."),
            Argument(name="--replace", help="Set data that are there aside, in a folder beside them.", type="flag"),
            Argument(name="--dry-run", help="Prove the backup and show what would be done.", type="flag"),
            JSON,
        ),
        handler="cli.backup:restore",
    ),
    Operation(
        id="upgrade", summary="Compare the stores with this version: what the next start would change, and the way back.", verb="upgrade",
        arguments=(
            Argument(name="--check", help="Only tell; without it a backup is made first when something would change.", type="flag"), JSON,
        ),
        handler="cli.node:upgrade",
    ),
    Operation(
        id="node.export", summary="Write settings, rules and schedules as text; into a git repository with --git.", noun="settings",
        verb="export",
        arguments=(
            Argument(name="--git", help="Folder of the repository; it is made when it is not there.", metavar="DIR"),
            Argument(name="-o --output", help="Folder for the files instead of a repository.", metavar="DIR"), JSON,
        ),
        handler="cli.node:export",
    ),
    Operation(
        id="settings.show", summary="Show the settings in force, without what may be secret.", noun="settings", verb="show",
        arguments=(Argument(name="--all", help="With the defaults.", type="flag"), JSON), handler="cli.node:show",
    ),
    Operation(
        id="node.metrics", summary="Show the hub's own figures in the text format of Prometheus.", noun="hub", verb="metrics",
        handler="cli.node:metrics",
    ),
)
