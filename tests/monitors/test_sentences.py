r"""How network makers' agents write their sentence, by hand in each maker's form: what of it is the model, the version, the serial.

In a cell `-` means: there is none. All must be as they stand, with no word of the maker's before and none behind.
"""

import pytest

from tests.monitors.test_blind import said_by

SENTENCES = r"""
22610.1.3.14 | Thunder Series Unified Application Service Gateway TH3030S, ACOS 4.1.1-P6, build 21 | acos | TH3030S | 4.1.1-P6 | -
22610.1.3.4 | AX Series Advanced Traffic Manager AX2600, Advanced Core OS (ACOS) version 2.7.2-P7-SP9, | acos | AX2600 | 2.7.2-P7-SP9 | -
664.1.849 | NetVanta 3430, Version: 18.02.03.00.E, Date: Mon Dec 28 15:47:06 2009 | adtran-aos | NetVanta 3430 | 18.02.03.00.E | -
9694.1.4.1 | Peakflow SP 8.4 (build HJ2A-B)  System Board Model: S5520UR  Serial Number: 0040 | arbos | S5520UR | 8.4 | 0040
272.4.201 | RS353jw-4G V.10.2 Rev. 4 (Patch 2) IPSec from 2017/11/10 00:00:00 | bintec-smart | RS353jw-4G | 10.2 | -
437.1.1 | Cisco Systems Catalyst 1900,V9.00.06 | cat1900 | Catalyst 1900 | 9.00.06 | -
9.5.44 | Cisco Systems, Inc. WS-C6509\nCisco Catalyst Operating System Software, Version 8.4(2a)\nCopyright (c) 1995-2004 by Cisco Systems | catos | WS-C6509 | 8.4(2a) | -
1916.2.28 | Summit200-48 - Version 7.4e.2.6 (Build 6) by Release_Master 03/19/06 22:53:53 | extremeware | Summit200-48 | 7.4e.2.6 | -
1916.2.231 | ExtremeXOS (X620-16x) version 31.7.1.4 31.7.1.4 by release-manager on Tue Apr 26 10:30:53 EDT 2022 | xos | X620-16x | 31.7.1.4 | -
1991.1.3.62.2.1 | Ruckus Wireless, Inc. ICX7150-48-POE, IronWare Version 08.0.80T211 Compiled on May 31 2018 | ironware | ICX7150-48-POE | 08.0.80T211 | -
8744.1.45 | MSM760 - Hardware revision 60-..:48 - Serial number SG9493P03F - Firmware revision 5.7.0.2-sr2-10524 | hpmsm | MSM760 | 5.7.0.2-sr2-10524 | SG9493P03F
2356.11.8.41 | LANCOM 1781EF+ 9.24.0140RU4 / 27.10.2016 4004123456789012 | lcos | 1781EF+ | 9.24.0140RU4 | 4004123456789012
2356.13.1 | LANCOM LX-6400 5.34.0075Rel 4005123412341234 | lcoslx | LX-6400 | 5.34.0075Rel | 4005123412341234
29671.1 | Meraki MS220-8P Cloud Managed PoE Switch | merakims | MS220-8P | - | -
4526.100.1.36 | M4300-8X8F ProSAFE 8-port 10GBASE-T and 8-port 10G SFP+, 12.0.2.6, 1.0.0.7 | netgear | M4300-8X8F | 12.0.2.6 | -
13191.10.3.3.52 | OneOS software version ONEOS16-ADVIP_11N-V4.3R4E23 | oneaccess | - | ONEOS16-ADVIP_11N-V4.3R4E23 | -
1768.100.4.5 | Patton SmartNode SN4112/2JS/EUI R6.T 2011-03-01 | patton-sn | SN4112/2JS/EUI | R6.T | -
10456.1.1528 | PLANET GS-4210-16P4C Managed Switch | planetos | GS-4210-16P4C | - | -
11898.2.4.12 | Tsunami MP-8100-CPE-WD-v2.4.3-SN-11PI01234567 | proxim | MP-8100-CPE-WD | 2.4.3 | 11PI01234567
11898.2.4.6 | AP-4000 v3.1.0(1024) SN-07UT12345678 v3.1.0 | proxim | AP-4000 | 3.1.0(1024) | 07UT12345678
7244.2.1 | LB4M 48x1G 2x10G, 1.1.0.8, VxWorks5.5.1 | quanta | LB4M | 1.1.0.8 | -
2352.1.10 | Redback Networks SmartEdge OS SEOS-11.1.2.5-Release Built by sysbuild@SWB-node10 Fri Feb 17 2012 | seos | - | 11.1.2.5 | -
17163.1.1 | Riverbed Technology, Inc. SteelHead CX755 | riverbed | CX755 | - | -
388.11.1.2 | RFS4000 Wireless Switch, Revision 2, Software Version 5.5.1.0-017R | symbol | RFS4000 | 5.5.1.0-017R | -
738.10.5.42 | T-Marc 340, BiNOS Version 10.4.R1 | binos | T-Marc 340 | 10.4.R1 | -
44641 | VyOS 1.2.1 | vyos | - | 1.2.1 | -
21013.1 | Xirrus XR520 WiFi Array, ArrayOS Version 6.5.4-4646 | xirrus_aos | XR520 | 6.5.4-4646 | -
6486.800.1.1.2.1.12.1.3 | Alcatel-Lucent OS6450-P24 6.6.4.253.R01 GA, June 18, 2014. | aos6 | OS6450-P24 | 6.6.4.253.R01 | -
3224.1.51 | SSG-320M version 6.3.0r19.0 (SN: JN1234ABC, Firewall+VPN) | screenos | SSG-320M | 6.3.0r19.0 | JN1234ABC
36673.100 | Hardware Model:AS5812-54X, Software version: OcNOS,1.3.9.178 | ocnos | AS5812-54X | 1.3.9.178 | -
164.6.1.6.41 | RICi-16 GE, Hw: 1.0, Sw: 2.0(0.35) | rad-rici | RICi-16 GE | 2.0(0.35) | -
207.1.1.56 | Allied Telesis AT-AR415S-51 version 2.9.1-13 14-Aug-2008 | allied | AT-AR415S-51 | 2.9.1-13 | -
171.10.113.5.1 | D-Link DES-3200-28/C1 Fast Ethernet Switch | dlink | DES-3200-28/C1 | - | -
10297.202.4010 | EKI-7710E-2CP Managed Switch | advantech | EKI-7710E-2CP | - | -
8691.2.7 | NPort 5610-16 Ver 3.5 | moxa-nport | NPort 5610-16 | 3.5 | -
16177.1.2.1 | Westermo RedFox Industrial, primary: v4.21.1, backup: v4.20.0 | weos | RedFox Industrial | 4.21.1 | -
4196.1.1.5.2.1 | Siemens, SIMATIC NET, SCALANCE X310, 6GK5 310-0FA00-2AA3, HW: 4, FW: V04.00.03, SVPD4145021 | scalance | X310 | 04.00.03 | -
15004.2.1.14 | RuggedSwitch RS900G | ros | RS900G | - | -
28134.10.6 | N-TRON 708TX | ntron | 708TX | - | -
20540.2.1 | Sixnet ET-9MS-1 | sixnet | ET-9MS-1 | - | -
6296.101.14 | V8240 NOS 5.20 #3001 | dasan-nos | V8240 | 5.20 | -
3709.1.2.80 | DmSwitch 3224F2 | datacom | DmSwitch 3224F2 | - | -
9304.100.3106 | IPS-3106, Version: 1.00.01 | cts | IPS-3106 | 1.00.01 | -
868.2.80.2.1 | Transition Networks SISPM1040-384-LRT-C Managed Switch | transition | SISPM1040-384-LRT-C | - | -
9.1.1348 | Hardware:7825I3, 1  Intel(R) Core(TM), 2048 MB Memory: Software:UCOS 4.0.0.0-31 | ucos | 7825I3 | 4.0.0.0-31 | -
15497.1.1 | IronPort Model C370, AsyncOS Version: 8.0.1-023, Build Date: 2013-08-26, Serial #: 78e7d1f8-FCH | asyncos | C370 | 8.0.1-023 | 78e7d1f8-FCH
27514.1.1.1.280 | QSW-3470-28T-AC Device, Compiled Nov 10 2016 SoftWare Version 7.0.3.5(R0240.0197) | qtech | QSW-3470-28T-AC | 7.0.3.5(R0240.0197) | -
8886.6.181 | Raisecom Operating System Software ROS_4.14.1818.ISCOM2128EA-MA.27.20111118 | raisecom-ros | ISCOM2128EA-MA | 4.14.1818 | -
15004.2.1.30 | RSG2100-R-RM-HI-TX01 | ros | RSG2100 | - | -
23867.1.2.58 | Silver Peak Systems, Inc. NX700\nLinux 2.6.38.6 #1 VXOA 8.1.5.10_65421 | vxoa | NX700 | 8.1.5.10_65421 | -
35098.1.1 | Pica8 XorPlus Platform Software, Hardware model P-3297, Software version 2.6.1/20181001 | picos | P-3297 | 2.6.1 | -
193.218.1.5 | Ericsson IPOS-16.1.127.31.114 Router 6672 | ericsson-ipos | Router 6672 | 16.1.127.31.114 | -
2272.205 | ERS-8810 (7.1.0.1) | voss | ERS-8810 | 7.1.0.1 | -
45.3.80.1 | Ethernet Routing Switch 4850GTS-PWR+ HW:10 FW:5.3.0.3 SW:v5.6.3.025 BN:25 (c) Avaya Networks | boss | ERS-4850GTS-PWR+ | 5.6.3.025 | -
45.3.78 | Virtual Services Platform 7024XLS HW:01 FW:10.2.0.7 SW:v10.3.0.007 | boss | VSP-7024XLS | 10.3.0.007 | -
11.2.3.7.11.112 | ProCurve J9147A 2910al-48G Switch, revision W.14.38, ROM W.14.04 (/sw/code/build/sbm(t4a)) | procurve | J9147A 2910al-48G | W.14.38 | -
11.2.3.7.11.61 | ProCurve J8164A Switch 2626-PWR, revision H.10.83, ROM H.08.05 (/sw/code/build/fish(mkfs)) | procurve | J8164A 2626-PWR | H.10.83 | -
43.1.16.4.3.35 | 3Com Switch 4500 26-Port Software Version 3Com OS V3.03.02s168p20 | 3com | Switch 4500 26-Port | 3Com OS V3.03.02s168p20 | -
2863.205.20.1 | Thomson CableHome Gateway <<HW_REV: 1.0; VENDOR: Thomson; BOOTR: 2.1.7d; SW_REV: ST9C.01.15; MODEL: THG540>> | thomson-cm | THG540 | ST9C.01.15 | -
9.1.451 | Cisco PIX Firewall Version 6.3(5) | pixos | - | 6.3(5) | -
26543.1.7.6 | IBM Networking Operating System RackSwitch G8264 | ibmnos | RackSwitch G8264 | - | -
20301.2.7.15 | Lenovo Flex System Fabric EN4093R 10Gb Scalable Switch | ibmnos | EN4093R | - | -
3417.1.1.41 | Blue Coat SG-S200, Version: 6.5.9.8, Release id: 180412 | sgos | SG-S200 | 6.5.9.8 | -
4881.1.1.10.1.35 | Ruijie Full Gigabit Routing Switch(S5750-24GT/12SFP) By Ruijie Network | ruijie | S5750-24GT/12SFP | - | -
41112.1.4 | Linux 2.6.32.68 #1 Fri Nov 24 11:15:11 EET 2017 mips | airos | - | - | -
3375.2.1.3.4.20 | Linux bigip 2.6.18-164.11.1.el5.1.0.f5app #1 SMP Fri May 14 2010 x86_64 | f5 | - | - | -
2620.1.6.123.1.48 | Linux fw1 2.6.18-92cpx86_64 #1 SMP Sun Jul 28 2013 x86_64 | gaia | - | - | -
41112.1.5 | EdgeOS v1.9.0.4901118.160804.1131 | edgeos | - | 1.9.0.4901118.160804.1131 | -
20992.1.1 | Cradlepoint AER2100, Firmware Version 6.5.0 | wipipe | AER2100 | 6.5.0 | -
2356.14.1 | LANCOM GS-2326P+ 3.32.0463RU5 4003851418000070 | lcossx | GS-2326P+ | 3.32.0463RU5 | 4003851418000070
52.3.9.33.5 | Enterasys Matrix E7 rev 05.09 | enterasys | Matrix E7 | 05.09 | -
2925.4.4 | Avocent ACS 5000 | avocent | ACS 5000 | - | -
332.11.6 | Digi ConnectPort LTS 16 MEI Version 82002228_A1 03/13/2012 | digi | ConnectPort LTS 16 MEI | 82002228_A1 | -
332.11.5.3.3.19.31 | Digi Connect WAN 3G | digi | Connect WAN 3G | - | -
9.1.1817 | Cisco IOS XR Software (NCS-5500), Version 6.3.3[Default] | iosxr | NCS-5500 | 6.3.3 | -
9.1.639 | Cisco IOS XR Software (Cisco CRS-8/S), Version 4.3.2[Default] | iosxr | CRS-8/S | 4.3.2 | -
42397.1 | GWN7610 Version 1.0.19.13 | grandstream-ap | GWN7610 | 1.0.19.13 | -
"""  # noqa: E501
ROWS = [tuple(cell.strip() for cell in line.split(" | ")) for line in SENTENCES.splitlines() if line]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[2]}-{row[1][:24]}" for row in ROWS])
def test_a_sentence_is_taken_apart(row: tuple[str, ...]) -> None:
    object_id, sentence, *expected = row
    said = said_by(object_id, sentence)
    assert [said[field] or "-" for field in ("os", "model", "version", "serial")] == expected
