"""What the servers of the small real OpenStack are told: files, first steps, and who is who in Keystone."""

import base64
import json
import secrets
from pathlib import Path
from typing import Any, NamedTuple


class Places(NamedTuple):
    """Where things of one cloud are."""

    folder: Path
    postgres: str
    ports: dict[str, int]
    secret: str

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    @property
    def keystone(self) -> str:
        return self.url("keystone") + "/v3"

    def database(self, name: str) -> str:
        return f"postgresql+psycopg2://postgres@/{name}?host={self.postgres}"

    @property
    def rabbit(self) -> str:
        return f"rabbit://guest:guest@127.0.0.1:{self.ports['rabbit']}/"


Sections = dict[str, dict[str, str]]
SERVICES = (("glance", "image", ""), ("placement", "placement", ""), ("neutron", "network", ""), ("nova", "compute", "/v2.1"))
"""User, type in the catalogue, path of the endpoint."""


def write(at: Places) -> None:
    """Every file and folder."""
    for name in ("log", "fernet", "credential", "images", "state/instances", "lock"):
        (at.folder / name).mkdir(parents=True, exist_ok=True)
    files = {
        "keystone.conf": _keystone(at), "glance.conf": _glance(at), "placement.conf": _placement(at), "neutron.conf": _neutron(at),
        "ml2.ini": _ML2, "bridge.ini": _BRIDGE, "nova.conf": _nova(at),
    }
    for name, sections in files.items():
        text = "".join(f"[{title}]\n" + "".join(f"{key} = {value}\n" for key, value in held.items()) for title, held in sections.items())
        (at.folder / name).write_text(text)


Commands = list[list[str]]
FORKS = """
import importlib, json, os, sys, traceback
fork, waitpid = os.fork, os.waitpid  # some of these programs put others in their place
together, commands = json.loads(sys.argv[1])
programs = [importlib.import_module(name.replace("-", ".cmd.")) for name, *_ in commands]

def end(child):
    if code := os.waitstatus_to_exitcode(waitpid(child, 0)[1]):
        sys.exit(code)

children = []
for program, words in zip(programs, commands):
    child = fork()
    if not child:
        sys.argv = words
        try:
            code = program.main()
        except SystemExit as error:
            code = error.code
        except BaseException:
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))
    children.append(child)
    if not together:
        end(children.pop())
for child in children:
    end(child)
"""


def forks(*commands: list[str], together: bool = False) -> list[str]:
    """One command that runs all of these, in turn or together, each in a fork of a process that has loaded them once.

    To load Nova or Keystone takes seconds of CPU, what most of the commands do takes none. commands: of the form `nova-manage ...`, which
    is the function `main` of `nova.cmd.manage`.
    """
    return ["/usr/bin/python3", "-I", "-c", FORKS, json.dumps([together, commands])]


def make_keys(at: Places) -> None:
    """Keys of Keystone's tokens and credentials, the next one (0) and the one in use, as `fernet_setup` makes them."""
    for folder in ("fernet", "credential"):
        for name in ("0", "1"):
            path = at.folder / folder / name
            path.write_bytes(base64.urlsafe_b64encode(secrets.token_bytes(32)))
            path.chmod(0o600)


def keystone_setup(at: Places) -> Commands:
    """Commands, in this order."""
    manage = ["keystone-manage", "--config-file", str(at.folder / "keystone.conf")]
    urls = [word for kind in ("admin", "internal", "public") for word in (f"--bootstrap-{kind}-url", at.keystone + "/")]
    return [[*manage, "db_sync"], [*manage, "bootstrap", "--bootstrap-password", at.secret, *urls, "--bootstrap-region-id", "RegionOne"]]


def syncs(at: Places) -> Commands:
    """Commands that make the tables; they may run at once."""
    conf = at.folder
    nova = ["nova-manage", "--config-file", f"{conf}/nova.conf"]
    cell0 = ["cell_v2", "map_cell0", "--database_connection", at.database("nova_cell0")]
    return [
        forks([*nova, "api_db", "sync"], [*nova, *cell0], [*nova, "db", "sync"], [*nova, "cell_v2", "create_cell", "--name", "cell1"]),
        ["neutron-db-manage", "--config-file", f"{conf}/neutron.conf", "--config-file", f"{conf}/ml2.ini", "upgrade", "heads"],
        ["glance-manage", "--config-file", f"{conf}/glance.conf", "db_sync"],
        ["placement-manage", "--config-file", f"{conf}/placement.conf", "db", "sync"],
    ]


def entered(at: Places) -> Any:
    """The SDK's connection as the administrator; a context manager."""
    import openstack

    return openstack.connect(
        auth_url=at.keystone, username="admin", password=at.secret, project_name="admin", user_domain_name="Default",
        project_domain_name="Default", region_name="RegionOne", load_envvars=False, load_yaml_config=False,
    )


def register(at: Places) -> None:
    """The services' users and the catalogue."""
    with entered(at) as cloud:
        known: Any = cloud.identity
        project = known.create_project(name="service", domain_id="default")
        roles = [known.find_role("admin"), known.find_role("service") or known.create_role(name="service")]
        for name, kind, path in SERVICES:
            user = known.create_user(name=name, password=at.secret, default_project_id=project.id)
            for role in roles:
                known.assign_project_role_to_user(project, user, role)
            service = known.create_service(name=name, type=kind)
            for interface in ("public", "internal", "admin"):
                known.create_endpoint(service_id=service.id, interface=interface, url=at.url(name) + path, region_id="RegionOne")


def _auth(at: Places, user: str) -> dict[str, str]:
    return {
        "auth_url": at.keystone, "auth_type": "password", "project_domain_name": "Default", "user_domain_name": "Default",
        "project_name": "service", "username": user, "password": at.secret, "region_name": "RegionOne",
    }


def _token(at: Places, user: str) -> Sections:
    more = {"www_authenticate_uri": at.keystone, "service_token_roles_required": "true", "service_token_roles": "service"}
    return {"keystone_authtoken": {**more, **_auth(at, user)}, "oslo_concurrency": {"lock_path": f"{at.folder}/lock"}}


def _keystone(at: Places) -> Sections:
    return {
        "DEFAULT": {"log_dir": f"{at.folder}/log"}, "database": {"connection": at.database("keystone")},
        "fernet_tokens": {"key_repository": f"{at.folder}/fernet"}, "credential": {"key_repository": f"{at.folder}/credential"},
        "token": {"provider": "fernet"}, "cache": {"enabled": "true", "backend": "dogpile.cache.memory"},
    }


def _glance(at: Places) -> Sections:
    return {
        "DEFAULT": {
            "bind_host": "127.0.0.1", "bind_port": str(at.ports["glance"]), "workers": "1", "log_file": f"{at.folder}/log/glance.log",
        },
        "database": {"connection": at.database("glance")}, **_token(at, "glance"),
        "paste_deploy": {"flavor": "keystone", "config_file": "/etc/glance/glance-api-paste.ini"},
        "glance_store": {"stores": "file", "default_store": "file", "filesystem_store_datadir": f"{at.folder}/images"},
    }


def _placement(at: Places) -> Sections:
    return {
        "DEFAULT": {}, "api": {"auth_strategy": "keystone"}, **_token(at, "placement"),
        "placement_database": {"connection": at.database("placement")},
    }


def _neutron(at: Places) -> Sections:
    return {
        "DEFAULT": {
            "bind_host": "127.0.0.1", "bind_port": str(at.ports["neutron"]), "core_plugin": "ml2", "service_plugins": "router",
            "transport_url": at.rabbit, "auth_strategy": "keystone", "notify_nova_on_port_status_changes": "false",
            "notify_nova_on_port_data_changes": "false", "api_workers": "1", "rpc_workers": "0", "state_path": f"{at.folder}/state",
            "api_paste_config": "/etc/neutron/api-paste.ini", "log_file": f"{at.folder}/log/neutron.log",
        },
        "database": {"connection": at.database("neutron")}, **_token(at, "neutron"), "experimental": {"linuxbridge": "true"},
    }


_ML2: Sections = {
    "ml2": {
        "type_drivers": "local,flat,vlan,vxlan", "tenant_network_types": "local", "mechanism_drivers": "linuxbridge",
        "extension_drivers": "port_security",
    },
    "ml2_type_vlan": {"network_vlan_ranges": "physnet1:100:199"}, "ml2_type_vxlan": {"vni_ranges": "1:1000"},
    "securitygroup": {"enable_security_group": "true"},
}
_BRIDGE: Sections = {
    "DEFAULT": {"host": "lab-compute1"}, "linux_bridge": {}, "vxlan": {"enable_vxlan": "false"},
    "securitygroup": {"enable_security_group": "true", "firewall_driver": "noop"}, "agent": {"root_helper": ""},
}


def _nova(at: Places) -> Sections:
    return {
        "DEFAULT": {
            "my_ip": "127.0.0.1", "host": "lab-compute1", "osapi_compute_listen": "127.0.0.1",
            "osapi_compute_listen_port": str(at.ports["nova"]), "osapi_compute_workers": "1", "enabled_apis": "osapi_compute",
            "transport_url": at.rabbit, "compute_driver": "fake.FakeDriver", "state_path": f"{at.folder}/state",
            "instances_path": f"{at.folder}/state/instances", "log_dir": f"{at.folder}/log", "vif_plugging_is_fatal": "false",
            "vif_plugging_timeout": "0", "periodic_fuzzy_delay": "0",
        },
        "api": {"auth_strategy": "keystone"}, "wsgi": {"api_paste_config": "/etc/nova/api-paste.ini"}, "conductor": {"workers": "1"},
        "scheduler": {"workers": "1", "discover_hosts_in_cells_interval": "1"}, "database": {"connection": at.database("nova")},
        "api_database": {"connection": at.database("nova_api")}, **_token(at, "nova"), "placement": _auth(at, "placement"),
        "neutron": _auth(at, "neutron"), "glance": {"api_servers": at.url("glance")}, "service_user": {"send_service_user_token": "false"},
        "vnc": {"enabled": "false"},
    }
