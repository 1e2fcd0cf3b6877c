"""Operations on the hub and its processes."""

from core.operations.noun import JSON, Argument, Operation

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="demo",
        summary="Open the console on a simulated city; everything is removed at the end.",
        verb="demo",
        arguments=(
            Argument(name="--devices", help="Devices of the city, 1 to 60000.", type="int", default=3000, metavar="N"),
            Argument(name="--seed", help="Seed of the city; the same seed gives the same city.", type="int", default=1, metavar="N"),
            Argument(name="--interval", help="Seconds between two polls of a device.", type="int", default=15, metavar="S"),
            Argument(name="--once", help="Open no console: poll the city twice and print a summary.", type="flag"),
            Argument(name="--keep", help="Keep the folder with the stores and logs afterwards.", type="flag"),
            JSON,
        ),
        handler="cli.demo:demo",
    ),
    Operation(
        id="console",
        summary="Open the console; a hub is started when none is running.",
        verb="console",
        handler="cli.hub:console",
    ),
    Operation(
        id="hub.start",
        summary="Start the hub with all its processes.",
        noun="hub",
        verb="start",
        arguments=(Argument(name="--foreground", help="Stay in this terminal until Ctrl+C.", type="flag"),),
        handler="cli.hub:start",
    ),
    Operation(
        id="hub.stop",
        summary="Stop the hub in order; who did is written down.",
        noun="hub",
        verb="stop",
        arguments=(
            Argument(name="--force", help="By a signal, without asking the hub: for the account that runs it, and root.", type="flag"),
        ),
        handler="cli.hub:stop",
    ),
    Operation(
        id="hub.status",
        summary="Show whether the hub is running, and how its processes are doing.",
        noun="hub",
        verb="status",
        arguments=(JSON,),
        handler="cli.hub:status",
    ),
)
