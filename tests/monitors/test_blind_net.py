r"""Network devices as strangers show them in public, in the form of test_blind: written before the catalogue was tried on them.

Where a thread shows sysObjectID alone the product's name is asked for only where a registration says it.
"""

import pytest

from tests.monitors.test_blind import wrong

SHOWN = r"""
@ github.com/opensolutions/OSS_SNMP issues 31, 41, 50, 59, 10; netdisco/snmp-info issues 233, 257, 399, 414, 449, 476, 478, 533, 540; kentik/snmp-profiles 352, 505
2011.2.23.340 | S6720-30C-EI-24S-AC \nHuawei Versatile Routing Platform Software \n VRP (R) software,Version 5.160 (S6720 V200R009C00SPC500) \n Copyright (C) 2007 Huawei Technologies Co., Ltd. | Huawei | vrp | S6720-30C-EI-24S-AC | 5.160 (V200R009C00SPC500) | -
2011 | Huawei Versatile Routing Platform Software VRP Software Version 3.40, Feature 0308 Quidway Series Router AR46-40 Copyright (c) 1998-2007, Huawei Technologies Co., Ltd. All rights reserved. | Huawei | vrp | AR46-40 | - | -
1588.2.2.1.1.1.1 | Brocade VDX Switch, BR-VDX6720-24, Network Operating System Software Version 4.1.3b. | Brocade | nos | VDX6720-24 | 4.1.3b | -
1588.3.3.1.131 | Brocade VDX Switch, BR-VDX6740, Network Operating System Software Version 7.1.0. | Brocade | nos | VDX6740 | 7.1.0 | -
259.6.10.120 | FNS-SFP-24 | IgniteNet | - | FNS-SFP-24 | - | -
6027.1.3.14 | Dell Networking OS\nOperating System Version: 2.0\nApplication Software Version: 9.6(0.0)\nSeries: S4810\nCopyright (c) 1999-2014 by Dell Inc. All Rights Reserved.\nBuild Time: Sun Sep 28 10:02:15 2014 | Dell | - | S4810 | 9.6(0.0) | -
11.2.3.7.11 | HP J9774A 2530-8G-PoEP Switch, revision YA.16.03.0004, ROM YA.15.19 (/ws/swbuildm/rel_tacoma_qaoff/code/build/lakes(swbuildm_rel_tacoma_qaoff_rel_tacoma)) | - | procurve | 2530-8G-PoEP | YA.16.03.0004 | -
4294967295.3.2.16 | D-LINK DGS-F3008P-4S HW V1 Firmware V5.2.10.1-ged9dba8ff SerialNo H3008P200400085, L2 Ethernet PoE Switch | D-Link | - | DGS-F3008P-4S | 5.2.10.1-ged9dba8ff | H3008P200400085
11863.5.38 | - | TP-Link | jetstream | - | - | -
674.11000.5000.100.2.1.21 | - | Dell | dell-os10 | - | - | -
47196.4.1.1.1.309 | Aruba JL728B 6200F 48G CL4 4SFP+740W Swch ML.10.13.1030 | Aruba | arubaos-cx | 6200F | ML.10.13.1030 | -
47196.4.1.1.1.151 | Aruba R0X25A 6410 Chassis FL.10.06.0110 | Aruba | arubaos-cx | 6410 | FL.10.06.0110 | -
6486.801.1.1.2.1.16.1.9 | Alcatel-Lucent Enterprise OS6360-P48X 8.10.105.R02 GA, December 03, 2024. | Alcatel | aos7 | OS6360-P48X | 8.10.105.R02 | -
9.1.2445 | - | Cisco | - | - | - | -
20992.2.32 | Cradlepoint IBR650C-150M-D, Firmware Version 7.22.110.388605babc | Cradlepoint | - | IBR650C-150M-D | 7.22.110.388605babc | -
@ github.com/librenms/librenms issues 2090, 2878, 3933, 4107, 5272, 5790, 12167, 15820, 16431, pull requests 1751; fusioninventory/sysobject.ids issues 28, 53, 79; netdata/netdata issue 23583
25506.11.1.165 | 1920-16G Switch Software Version 5.20.99, Release 1108\nCopyright(c)2010-2015 Hewlett-Packard Development Company, L.P. | HP | comware | 1920-16G | 5.20.99 | -
3320.1.185.0 | BDCOM(tm) S2524C Software, Version 2.1.0A Build 5721\nCompiled: 2011-11-1 15:57:26 by SYS\nROM: System Bootstrap,Version 0.3.2,Serial num:27072980\n | BDCOM | bdcom | S2524C | 2.1.0A Build 5721 | 27072980
11.2.3.7.11.167 | HP 1820-8G Switch J9979A, PT.01.14, Linux 3.6.5-79c95a77, U-Boot 2012.10-00116-g3ab515c (Jul 30 2014 - 10:52:01) | HP | procurve | 1820-8G | PT.01.14 | -
14988.2 | RB260GSP | MikroTik | swos | RB260GSP | - | -
4526.100.4.25 | 24-Port Gigabit Smart Switch with PoE and 4 SFP uplinks | NETGEAR | netgear | - | - | -
4526.100.4.20 | GS110TP | NETGEAR | netgear | GS110TP | - | -
4413 | US-16-150W, 5.37.2.12269, Linux 3.6.5 | Ubiquiti | edgeswitch | US-16-150W | 5.37.2.12269 | -
9.1.2258 | IE1000 Industrial Ethernet Switch, Version: 1.8.2#2020-08-13T23:48:09+00:00 | Cisco | ios | IE1000 | 1.8.2 | -
248.11.2.1.15 | Hirschmann BOBCAT | Hirschmann | - | BOBCAT | - | -
14823.1.2.86 | ArubaOS (MODEL: 305), Version 6.5.4.3-6.5.4.3 | Aruba | - | 305 | 6.5.4.3-6.5.4.3 | -
9.1.1208 | Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(2)E7, RELEASE SOFTWARE (fc3) | Cisco | ios | - | 15.2(2)E7 | -
9.1.958 | Cisco IOS Software, IES Software (IES-LANBASEK9-M), Version 12.2(52)SE, RELEASE SOFTWARE (fc3) | Cisco | ios | - | 12.2(52)SE | -
8072.3.2.10 | Ubiquiti UniFi UDR7 5.1.19 Linux 5.4.213 ipq5322 | Ubiquiti | unifi | UDR7 | 5.1.19 | -
171.30.4.1.2.2 | - | D-Link | - | - | - | -
11863.3.2.10 | - | TP-Link | - | - | - | -
9.1.2191 | Cisco IOS Software, C2960CX Software (C2960CX-UNIVERSALK9-M), Version 15.2(7)E, RELEASE SOFTWARE (fc3) | Cisco | ios | - | 15.2(7)E | -
2636.1.1.1.2.96 | Juniper Networks, Inc. firefly-perimeter internet router, kernel JUNOS 12.1X47-D15.4 #0: 2014-11-12 02:13:59 UTC     builder@chamuth.juniper.net:/volume/build/junos/12.1/service/12.1X47-D15.4/obj-i386/junos/bsd/kernels/VSRX/kernel Build date: 2014-11-12 | Juniper | junos | firefly-perimeter | 12.1X47-D15.4 | -
@ Uplogix' guide to its SNMP agent; ZyXEL GS1900 in github.com/OtisPresley/snmp-switch-manager issue 50; documents of zabbix templates and of Fusion Directory
4976 | Envoy UplogixLM1 (A101101474); RMOS build: 20110726:1639214.4.0.20283 | Uplogix | - | UplogixLM1 | - | A101101474
16972 | 1.2.0 0.9.1 v0001.0 Build 201203 Rel.59032n | TP-Link | - | - | 1.2.0 0.9.1 v0001.0 Build 201203 Rel.59032n | -
43.10.27.4.1.2.11 | 3Com SuperStack 3 | 3Com | 3com | SuperStack 3 | - | -
50224.3.1.1 | HSGQ-E04I | HSGQ | - | HSGQ-E04I | - | -
3097.1.5.87 | - | WatchGuard | - | - | - | -
674.10895.3017 | - | Dell | powerconnect | 3548 | - | -
2011.2.224.279 | - | Huawei | vrp | - | - | -
"""  # noqa: E501
CASES = [tuple(cell.strip() for cell in line.split(" | ")) for line in SHOWN.splitlines() if line and not line.startswith("@")]


@pytest.mark.parametrize("case", CASES, ids=[f"{case[0]}-{case[1][:32]}" for case in CASES])
def test_a_network_device_seen_in_public_is_known(case: tuple[str, ...]) -> None:
    assert not wrong(case)
