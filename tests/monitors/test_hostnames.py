"""A plain Linux host is a Linux host, whatever its owner calls it; appliances that are known by that name alone still are."""

import pytest

from monitors.answers import Answers, Identity
from monitors.discovery import conclude, questions
from monitors.profile import oid
from monitors.profiles import shipped

LINUX = oid("1.3.6.1.4.1.8072.3.2.10")

HOSTS = (
    "Linux tomato 5.10.0-28-amd64 #1 SMP Debian 5.10.209-2 (2024-01-31) x86_64",
    "Linux openwrt-build01 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64",
    "Linux greenbone 4.19.0-26-cloud-amd64 #1 SMP Debian 4.19.304-1 (2024-01-09) x86_64",
    "Linux RUTX11 6.12.43+deb13-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.12.43-1 (2025-08-27) x86_64",
    "Linux mh-n01 5.10.0-28-arm64 #1 SMP Debian 5.10.209-2 (2024-01-31) aarch64",
    "Linux CTM-DB 3.10.0-1160.el7.x86_64 #1 SMP Mon Oct 19 16:18:59 UTC 2020 x86_64",
    "Linux scs-ks 4.18.0-513.5.1.el8_9.x86_64 #1 SMP Fri Nov 17 03:31:10 UTC 2023 x86_64",
    "Linux msl 5.14.0-362.8.1.el9_3.x86_64 #1 SMP PREEMPT_DYNAMIC Wed Nov 8 17:36:32 UTC 2023 x86_64",
    "Linux tenda 2.6.32-754.el6.x86_64 #1 SMP Tue Jun 19 21:26:04 UTC 2018 x86_64",
    "Linux inspur-01 4.19.90-2112.8.0.0131.oe1.x86_64 #1 SMP Fri Dec 31 19:53:20 UTC 2021 x86_64",
    "Linux BKE-web 5.10.0-60.18.0.50.oe2203.aarch64 #1 SMP Wed Mar 30 02:43:08 UTC 2022 aarch64",
    "Linux mitel 5.10.0-182.0.0.95.oe2203sp3.x86_64 #1 SMP Sat Dec 30 13:10:36 CST 2023 x86_64",
    "Linux sugon-node3 4.19.90-24.4.v2101.ky10.aarch64 #1 SMP Mon May 24 14:45:37 CST 2021 aarch64",
    "Linux kedacom-vms 4.19.90-52.22.v2207.ky10.x86_64 #1 SMP Tue Mar 14 12:19:10 CST 2023 x86_64",
    "Linux vyos-lab 4.19.90-23.8.v2101.ky10.x86_64 #1 SMP Mon May 17 17:08:34 CST 2021 x86_64",
    "Linux virtuoso 4.19.0-91.82.132.uelc20.x86_64 #1 SMP Sat May 13 10:22:01 CST 2023 x86_64",
    "Linux endian 4.19.0-amd64-desktop #5207 SMP Wed Jan 12 10:00:00 CST 2022 x86_64",
    "Linux aloha 5.15.0-94-generic #104-Ubuntu SMP Tue Jan 9 15:25:40 UTC 2024 x86_64",
    "Linux GXW-4104 5.4.0-170-generic #188-Ubuntu SMP Wed Jan 10 09:51:01 UTC 2024 x86_64",
    "Linux supervyse 6.8.0-1018-aws #20-Ubuntu SMP Mon Oct 7 00:11:13 UTC 2024 x86_64",
    "Linux illustra 5.14.21-150500.55.44-default #1 SMP PREEMPT_DYNAMIC Mon Jan 15 2024 x86_64",
    "Linux USP-1 4.19.91-27.al7.x86_64 #1 SMP Fri Apr 21 17:53:38 CST 2023 x86_64",
    "Linux last-mile 5.4.119-19-0009.tl3.x86_64 #1 SMP x86_64",
)


def os_of(descr: str) -> str:
    identity = Identity(descr=descr, object_id=LINUX, name="", location="", contact="", uptime=1)
    return conclude(questions(shipped(), identity), Answers(identity, {}, {}), "d", 1, complete=True).fact("os")


@pytest.mark.parametrize("descr", HOSTS, ids=lambda one: one.split()[1])
def test_the_name_of_a_host_is_not_its_kind(descr: str) -> None:
    assert os_of(descr) == "linux"


@pytest.mark.parametrize(("descr", "os"), [
    ("Linux OpenWrt 5.4.143 #0 Tue Aug 31 22:20:08 2021 mips", "openwrt"),
    ("Linux DD-WRT 4.4.302-st28 #4 Sat Mar 5 2022 armv7l", "dd-wrt"),
    ("Linux pve1 5.15.74-1-pve #1 SMP PVE 5.15.74-1 (Mon, 14 Nov 2022 20:17:15 +0100) x86_64", "proxmox"),
    ("Linux nas 5.15.107+truenas #1 SMP Mon Jun 5 14:13:20 UTC 2023 x86_64", "truenas-scale"),
])  # fmt: skip
def test_appliances_by_their_name_or_by_their_kernel(descr: str, os: str) -> None:
    assert os_of(descr) == os
