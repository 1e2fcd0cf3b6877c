r"""Devices as strangers show them in public: what each says of itself, where that was seen, and what it must be taken for.

The table was written before the catalogue was tried on it. Where only the sentence was shown, sysObjectID is the maker's number alone.
In a cell `-` means that the source does not tell; a model must occur in what is found, the rest must be equal but for signs and case.
Makers that were bought go by their owners' names. Comware's release is a fact of its own, beside its version.
"""

import re

import pytest

from core.polling import Kind, Oid, VarBind
from monitors.answers import SYS_DESCR, SYS_OBJECT_ID, Answers
from monitors.discovery import conclude, identify, questions
from monitors.profiles import shipped

SHOWN = r"""
@ github.com/rapid7/recog xml/snmp_sysdescr.xml
43 | 3Com IntelliJack NJ220 | 3Com | - | NJ220 | - | -
43 | 3Com-NJ2000 - 3CNJ2000 v2.00.03 | 3Com | - | NJ2000 | 2.00.03 | -
43 | 3COM: AP8760: Dual Radio 11a/b/g Access Point, Software v2.1.13b05_sh, Bootrom v1.2.1, Hardware R02 | 3Com | - | AP8760 | 2.1.13b05_sh | -
43 | 3Com LinkSwitch 1000, SW Version:1.04 | 3Com | - | LinkSwitch 1000 | 1.04 | -
43 | 3Com OfficeConnect Remote ADSL 812 V1.0.5, Built on Mar 16 2000 at 17:27:24. | 3Com | - | Remote ADSL 812 | 1.0.5 | -
43 | 3Com Router Software V1.10, SNMP agent for Router 5009 with 1 MPC 8241 Processor, Copyright (c) Reserved. | 3Com | - | Router 5009 | 1.10 | -
43 | 3Com SuperStackII Switch 3000 FX, SW Version:2.10 | 3Com | - | Switch 3000 FX | 2.10 | -
43 | 3Com 3Com SuperStack 4 Switch 5500G-EI SFP 24-Port Software Version 3Com OS V3.02.04s56 | 3Com | 3com | 5500G-EI | 3Com OS V3.02.04s56 | -
43 | 3Com Baseline Switch 2916-SFP Plus | 3Com | 3com | 2916-SFP Plus | - | -
318 | APC Metered Rack PDU (MB:v3.6.4 PF:v2.2.7 PN:apc_hw02_aos_227.bin AF1:v2.2.0 AN1:apc_hw02_rpdu_220.bin MN:AP7830 HR:B2 SN: JA0412013793 MD:03/18/2004) | APC | apc | AP7830 | - | JA0412013793
318 | APC Web/SNMP Management Card (MB:v3.2.0 PF:v3.0.9.a PN:aos309a.bin AF1:v2.2.5.a AN1:ms225a.bin MN: AP9606 HR: J9 SN: WA0121006888 MD: 12/20/2002) | APC | apc | AP9606 | - | WA0121006888
63 | Apple Base Station V3.84 Compatible | Apple | airport | - | 3.84 | -
63 | Apple AirPort - Apple Inc., 2006-2009. All rights Reserved. | Apple | airport | - | - | -
30065 | Arista Networks EOS version 4.30.6M running on an Arista vEOS-lab | Arista | arista_eos | vEOS-lab | 4.30.6M | -
30065 | Arista Networks EOS version 4.28.6.1M running on an Arista Networks DCS-7050QX-32S | Arista | arista_eos | DCS-7050QX-32S | 4.28.6.1M | -
11.2.3.7.11 | Aruba JL074A 3810M-48G-PoE+-1-slot Switch, revision KB.16.10.0002, ROM KB.16.01.0009 | - | procurve | 3810M-48G-PoE+-1-slot | KB.16.10.0002 | -
11.2.3.7.11 | Aruba 3810M Switch Stack, revision KB.16.08.0012, ROM KB.16.08.0007 | - | procurve | 3810M | KB.16.08.0012 | -
47196 | Aruba JL641A 6400M 32G CL4 PoE 4SFP55 Swch FL.10.10.1019 | Aruba | arubaos-cx | 6400M | FL.10.10.1019 | -
47196 | Aruba R8W85A 8100-24XT4XF4C LL.10.13.1060 | Aruba | arubaos-cx | 8100-24XT4XF4C | LL.10.13.1060 | -
14823 | ArubaOS (MODEL: ArubaMM-VA), Version 8.12.0.2 SSR (90468) | Aruba | arubaos | ArubaMM-VA | 8.12.0.2 | -
14823 | ArubaOS (MODEL: Aruba7005), Version 10.7.0.1 SSR (91033) | Aruba | arubaos | Aruba7005 | 10.7.0.1 | -
3052 | SNMP-Link SL81 1.11 STDF | Asentria | - | SL81 | 1.11 | -
6889 | Avaya AP-8 v2.6.0(914) SN-06UT27560151 v3.1.0 | Avaya | - | AP-8 | 2.6.0(914) | 06UT27560151
6889 | Avaya Inc. - C360 , SW version 4.3.12 , CS 1.1 | Avaya | - | C360 | 4.3.12 | -
6889 | Avaya Inc., G450 Media Gateway, SW Version 31.22.0 | Avaya | - | G450 Media Gateway | 31.22.0 | -
45.3 | Ethernet Routing Switch 4550T-PWR HW:01 FW:5.3.0.3 SW:v5.6.0.008 BN:08 (c) Avaya Networks | Extreme | boss | 4550T-PWR | 5.6.0.008 | -
45.3 | Ethernet Routing Switch 5520-48T-PWR  HW:32       FW:5.0.0.3   SW:v5.0.4.011 BN:00 (c) Nortel Networks | - | boss | 5520-48T-PWR | 5.0.4.011 | -
1588 | core02, VDX6740T-1G, Network Operating System Software Version 7.0.1b. | Brocade | nos | VDX6740T-1G | 7.0.1b | -
1588 | core01, BR-VDX6740, Network Operating System Software Version 7.0.2b. | Brocade | nos | VDX6740 | 7.0.2b | -
2435 | Brother NC-6800h, Firmware Ver.1.04  (09.05.08),MID 8C5-D61,FID 2 | Brother | brother | - | 1.04 | -
2435 | Brother NC-2010p, Firmware Ver. 3.62 (99.02.19 | Brother | brother | - | 3.62 | -
- | C&D Technologies SageNET 169-414 V1.28 | C&D | - | SageNET 169-414 | 1.28 | -
52 | Cabletron Systems, Inc. 6H252-17 Rev 05.08.30 03/31/08--17:14 ofc | Enterasys | - | 6H252-17 | 05.08.30 | -
5624 | Enterasys Networks, Inc. B3G124-24 Rev 01.02.01.0004 | Enterasys | enterasys | B3G124-24 | 01.02.01.0004 | -
5624 | Enterasys Networks, Inc. Matrix N3 Platinum Rev 05.42.04 06/07/2007--17:19 ofc | Enterasys | enterasys | Matrix N3 Platinum | 05.42.04 | -
1602 | Canon iR C3220-C1 /P | Canon | canonprinter | iR C3220-C1 | - | -
1602 | Canon MF5900 Series /P | Canon | canonprinter | MF5900 | - | -
1602 | Canon LASER SHOT LBP-1310 /P EEPROM 1104 | Canon | canonprinter | LBP-1310 | - | -
25506 | HP Comware Platform Software, Software Version 5.20 Release 2208 HP A5500-24G SI Switch with 2 Interface Slots Copyright (c) 2010-2011 Hewlett-Packard Development Company, L.P. | HP | comware | A5500-24G | 5.20 | -
25506 | HP Series Router A-MSR20-40 HP Comware Platform Software Comware Software Version 5.20, Release 2209P15, Standard Copyright(c) 2010-2012 Hewlett-Packard Development Company, L.P. | HP | comware | A-MSR20-40 | 5.20 | -
25506 | HP V1910-24G-PoE (170W) Switch Software Version 5.20 Release 1108P01 Copyright (c) 2004-2011 Hewlett-Packard Development Company, L.P. | HP | comware | V1910-24G-PoE | 5.20 | -
25506 | H3C Comware Platform Software, Software Version 5.20 Release 2208\r\nH3C S5500-28C-EI\r\nCopyright (c) 2004-2010 Hangzhou H3C Tech. Co., Ltd. All rights reserved. | H3C | comware | S5500-28C-EI | 5.20 | -
25506 | H3C Switch S5120-28P-SI Software Version 5.20, Release 1101P10\n Copyright(c) 2004-2010 Hangzhou H3C Tech. Co., Ltd. All rights reserved. | H3C | comware | S5120-28P-SI | 5.20 | -
2.3.1.2.1.1.3 | IBM PowerPC CHRP Computer Machine Type: 0x0800004c Processor id: 00CC5C524C00 Base Operating System Runtime AIX version: 05.02.0000.0105 TCP/IP Client Support version: 05.02.0000.0115 | IBM | aix | - | 5.02.0000.0105 | -
641 | Lexmark Pro5500 Series version FHN.RB.P1.111006z kernel 2.6.28.10.1 All-N-1 | Lexmark | lexmarkprinter | Pro5500 | FHN.RB.P1.111006z | -
641 | Lexmark T632 Version 6.22.26 MFP-Ethernet 10/100. | Lexmark | lexmarkprinter | T632 | 6.22.26 | -
641 | Lexmark Forms Printer 2590 version LCL.CU.P105 kernel 2.6.10 All-N-1 | Lexmark | lexmarkprinter | Forms Printer 2590 | LCL.CU.P105 | -
18334 | KONICA MINOLTA bizhub C252 | Konica | konica | bizhub C252 | - | -
1347 | KYOCERA Document Solutions Printing System | Kyocera | kyocera | - | - | -
- | LNL-2220 Intelligent Dual Reader Controller Firmware Version 1.17.3 Build 351 | - | - | LNL-2220 | 1.17.3 | -
32761 | DLB APC 5M-90 V3, v7.02.rt3883.Deliberant.APC.en_US.53109.151202.0133 | - | deliberant | APC 5M-90 V3 | 7.02.rt3883.Deliberant.APC.en_US.53109.151202.0133 | -
8072.3.2.10 | Linux hostname 2.6.18-53.1.4.el5 #1 SMP Fri Nov 30 00:45:55 EST 2007 x86_64 | - | linux | - | 2.6.18-53.1.4.el5 | -
- | Nortel SR 4134 SNMP Agent, Software Version = 10.2.0.211, Boot Version = 0.0.0.45 | - | - | SR 4134 | 10.2.0.211 | -
- | Nortel Application Switch 2424 | - | - | - | - | -
23 | Novell NetWare 5.70.08 October 3, 2008 | Novell | netware | - | 5.70.08 | -
14988.1 | RouterOS RB1100AHx2 | MikroTik | routeros | RB1100AHx2 | - | -
14988.1 | RouterOS RB Groove A-5Hn | MikroTik | routeros | RB Groove A-5Hn | - | -
14988.2 | CSS326-24G-2S+ SwOS v2.13 | MikroTik | swos | CSS326-24G-2S+ | 2.13 | -
33049 | Onyx,MSN2700,SWv3.9.3202 | - | mellanox | MSN2700 | 3.9.3202 | -
367.1.1 | SAVIN SP C400DN 1.01 / SAVIN Network Printer C model | Savin | savin | SP C400DN | 1.01 | -
367.1.1 | LANIER LD335c 1.27 / LANIER Network Printer C model / LANIER Network Scanner C model | Lanier | lanier | LD335c | 1.27 | -
367.1.1 | NRG MP C3500 1.70 / NRG Network Printer C model / NRG Network Scanner C model | NRG | nrg | MP C3500 | 1.70 | -
236.11.5 | Samsung Samsung SCX-470x Series; V3.00.01.04 SEP-16-2011;Engine V1.02.05 09-02-2011;NIC V6.01.00;S/N Z4YVBJAF00001DX | Samsung | samsungprinter | SCX-470x | 3.00.01.04 | Z4YVBJAF00001DX
236.11.5 | Samsung CLX-7285 | Samsung | samsungprinter | CLX-7285 | - | -
1718.3 | Sentry Switched PDU | Server | sentry3 | - | - | -
8741 | SonicWALL NSA 220 (SonicOS Enhanced 5.8.1.2-20o) | SonicWall | sonicwall | NSA 220 | 5.8.1.2-20o | -
8741 | SonicWALL TZ 670 (SonicOS 7.1.3-7015-R6965) | SonicWall | sonicwall | TZ 670 | 7.1.3-7015-R6965 | -
8741 | SonicWALL SOHO wireless-N (SonicOS Enhanced 6.2.5.1-26n--HF175723-2n) | SonicWall | sonicwall | SOHO wireless-N | 6.2.5.1-26n--HF175723-2n | -
4413 | USW-8P-60, 4.3.20.11298, Linux 3.6.5 | Ubiquiti | - | USW-8P-60 | 4.3.20.11298 | -
4413 | US-24-500W, 5.43.36.12724, Linux 3.6.5 | Ubiquiti | - | US-24-500W | 5.43.36.12724 | -
8072.3.2.10 | Ubiquiti UniFi UDM-Pro 5.1.19 Linux 4.19.152 al324 | Ubiquiti | unifi | UDM-Pro | 5.1.19 | -
4289 | VBrick Systems Inc., Model 4300 Serial 01010101010 | VBrick | - | 4300 | - | 01010101010
6876.4.1 | VMware ESXi 5.1.0 build-1157734 VMware, Inc. x86_64 | VMware | vmware-esxi | - | 5.1.0 | -
6876.4.1 | VMware ESX 5.0.0 build-623860 VMware, Inc. x86_64 | VMware | vmware-esxi | - | 5.0.0 | -
253.8.62.1 | Xerox WorkCentre 3345; SS 60.001.01.000, NC 4.00.50.46, UI V5.51.00.29.00_16052717, ME V0.00.37, CCOS 6.9.P | Xerox | xerox | WorkCentre 3345 | 60.001.01.000 | -
253.8.62.1 | Xerox Phaser 3300MFP; OS 1.50.00.17   05-07-2013, Engine 1.05.44, NIC V4.03.01(P3300MFP), PCL5e 6.08.01 11-10-2009 | Xerox | xerox | Phaser 3300MFP | 1.50.00.17 | -
9.1.2405 | Cisco Firepower Threat Defense, Version 7.0.0 (Build 3), ASA Version 9.16(0)3 | Cisco | ftd | - | 7.0.0 (Build 3) | -
9.6.1.23 | Linux, Cisco Small Business RV345-K9, Version 1.0.03.21 Wed Mar 10 04:42:23 IST 2021 | Cisco | ciscosb | RV345 | 1.0.03.21 | -
9.6.1.23 | Linux, Cisco RV320, Version 1.4.2.17 Mon Oct 30 15:52:47 CST 2017 | Cisco | ciscosb | RV320 | 1.4.2.17 | -
3212 | Crestron Electronics AM-100 (Version 2.4.2.1) | Crestron | - | AM-100 | 2.4.2.1 | -
40310 | Cumulus Linux 3.7.2 (Linux Kernel 4.1.33-1+cl3u17) | Cumulus | cumulus | - | 3.7.2 (Linux Kernel 4.1.33-1+cl3u17) | -
19746 | Data Domain OS 4.3.3.0-53506 | - | datadomain | - | 4.3.3.0-53506 | -
- | Datamax Corporation I-Class 4208 Ver:08.03R2 08/30/2007 PN:83-2297-08DR2 | Datamax | - | I-Class 4208 | 08.03R2 | -
674.10892.2 | Dell Out-of-band SNMP Agent for Remote Access Controller | Dell | drac | - | - | -
674 | Dell 2355dn Laser MFP; V2.70.45.30 May-20-2013;Engine 1.20.25;NIC V4.01.42(2355dn MFP) 4-23-2013;S/N 3DKCJM1 | Dell | dell-laser | 2355dn | 2.70.45.30 | 3DKCJM1
674 | Dell 2330dn Laser Printer version NR.APS.N449 kernel 2.6.18.5 All-N-1 | Dell | dell-laser | 2330dn | NR.APS.N449 | -
674 | Dell Color Laser 3110cn; Net 8.29, Controller 200604102121, Engine 05.03.00 | Dell | dell-laser | 3110cn | - | -
674 | DELL PowerVault 136T | Dell | powervault | PowerVault 136T | - | -
332 | Digi One TS Version 82000747_N2 02/25/2005 | Digi | - | One TS | 82000747_N2 | -
7367 | DrayTek Corporation, Router Model: Vigor3912, Version: 4.4.3.4, Build Date/Time:Mar 27 2025 20:44:57 | DrayTek | draytek | Vigor3912 | 4.4.3.4 | -
7367 | DrayTek Corporation, Router Model: Vigor2766, Version: 4.3.1_STD, Build Date/Time:Apr 26 2021 11:56:46 | DrayTek | draytek | Vigor2766 | 4.3.1_STD | -
1981 | CX3-10c - Flare 3.26.0.10.5.032 | EMC | flareos | CX3-10c | 3.26.0.10.5.032 | -
1248 | EPSON AL-C2900; Net 96.51,ESS 201103101328,IOT 04.00.00 | Epson | epson | AL-C2900 | - | -
1248 | Epson AL-MX14NF; ESS SG4_SEC_1.22b | Epson | epson | AL-MX14NF | SG4_SEC_1.22b | -
1248 | Epson Network Projector | Epson | epson-projector | - | - | -
1916.2 | ExtremeXOS (X460-24x) version 15.6.1.4 v1561b4 by release-manager on Tue Sep 30 14:06:19 EDT 2014 | Extreme | xos | X460-24x | 15.6.1.4 | -
1916.2 | ExtremeWare X0S version 11.2.0.15 v1120b15 by release-manager on Fri Apr 1 18:40:23 PST 2005 | Extreme | xos | - | 11.2.0.15 | -
1991.1 | Foundry Networks, Inc. BigIron 4000 Router, IronWare Version 07.8.02fT53 Compiled on Jan 16 2007 at 19:51:36 labeled as B2R07802f | - | - | BigIron 4000 | 07.8.02fT53 | -
2636 | Juniper Networks, Inc. JNP10003 [MX10003] internet router, kernel JUNOS 23.4R2.13, Build date: 2024-07-05 17:12:30 UTC Copyright (c) 1996-2024 Juniper Networks, Inc. | Juniper | junos | JNP10003 | 23.4R2.13 | -
2636 | Juniper Networks, Inc. qfx5110-48s-4c Ethernet Switch, kernel JUNOS 17.3R3-S1.5, Build date: 2018-08-31 19:06:08 UTC Copyright (c) 1996-2018 Juniper Networks, Inc. | Juniper | junos | qfx5110-48s-4c | 17.3R3-S1.5 | -
4874 | Juniper Networks, Inc. E120 Edge Routing Switch SW Version : (10.1.3 release-0.0 [BuildId 12315]) Build Date : July 7, 2010 13:31 | Juniper | junose | E120 | 10.1.3 release-0.0 | -
1411.102 | Juniper Networks EX2500 10GbE Switch, SW Version 3.1R1.0 | Juniper | juniperex2500os | EX2500 | 3.1R1.0 | -
14525 | Juniper Networks, Inc MX-8 7.6.2.3 REL | Juniper | juniper-mss | MX-8 | 7.6.2.3 | -
244 | Lantronix UDS1100 V6.1.0.3 (060811) | Lantronix | lantronix-uds | UDS1100 | 6.1.0.3 | -
244 | Lantronix EDS8PS V4.1.0.2R17 (03111515KK9H) | Lantronix | - | EDS8PS | 4.1.0.2R17 | -
2001 | OKI OkiLAN 6400e Rev. 10/100BASE Ethernet PrintServer: Attached to B6250 Rev.8.1: (C)2005 OKI DATA CORP | OKI | okilan | B6250 | - | -
1795 | PARADYNE BitStorm 4800; S/W Release: 01.00.09; | Zhone | paradyne | BitStorm 4800 | 01.00.09 | -
1795 | Paradyne ATM ADSL Unit; Model: 4223-A1-532; CCA: 868-5969-8200; S/W Release: 02.03.08; Hardware Revision: 5969-82A; Serial number: 6963727 ; | Zhone | paradyne | 4223-A1-532 | 02.03.08 | 6963727
25461 | Palo Alto Networks PA-500 series firewall | Palo Alto | panos | PA-500 | - | -
25461 | Palo Alto Networks Panorama server | Palo Alto | panos | Panorama | - | -
12325.1.1.2.1.1 | pfSense pfSense.localdomain 2.3.4-RELEASE pfSense FreeBSD 10.3-RELEASE-p19 amd64 | - | pfsense | - | 2.3.4-RELEASE | -
@ github.com/fusioninventory/sysobject.ids issues 15, 27, 35, 50, 70, 75; fusioninventory-agent issues 374, 664; -for-glpi 1104
2011.2.23.398 | S5720-12TP-PWR-LI-AC \nHuawei Versatile Routing Platform Software \n VRP (R) software,Version 5.170 (S5720 V200R010C00SPC600) \n Copyright (C) 2007 Huawei Technologies Co., Ltd. | Huawei | vrp | S5720-12TP-PWR-LI-AC | 5.170 (V200R010C00SPC600) | -
2011.2.23.188 | S5700-52C-PWR-SI \nHuawei Versatile Routing Platform Software \n VRP (R) software,Version 5.150 (S5700 V200R005C00SPC500) \n Copyright (C) 2007 Huawei Technologies Co., Ltd. | Huawei | vrp | S5700-52C-PWR-SI | 5.150 (V200R005C00SPC500) | -
2011.2.240.6 | Huawei AC6605-26-PWR Huawei Versatile Routing Platform Software  VRP (R) software,Version 5.170 (AC6605-26-PWR V200R007C20SPC300) Copyright (C) 2011-2017 Huawei Technologies Co., Ltd | Huawei | vrp | AC6605-26-PWR | 5.170 (V200R007C20SPC300) | -
2011.2.91 | ISM SNMP Agent | Huawei | oceanstor | - | - | -
9.6.1.88.50.1 | SG200-50 50-Port Gigabit Smart Switch | Cisco | ciscosb | SG200-50 | - | -
9.6.1.32.561.1 | Linux, Cisco Systems, Inc WAP561 (WAP561-E-K9), Version 1.2.1.6 | Cisco | ciscowap | WAP561 | 1.2.1.6 | -
40093.1.1 | MFG:Pantum;CMD:ACL,PJL,PL,PCL,PCLXL,PS3,PDF;MDL:BM5100ADW series;CID:Pantum BM5100ADW series;CLS:PRINTER;DES:Pantum BM5100ADW series; | Pantum | - | BM5100ADW | - | -
11.2.3.9.1 | Brother NC-6400h, Firmware Ver.1.11  (06.12.20),MID 84UZ93 | Brother | brother | - | 1.11 | -
11.2.3.9.1 | HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD143,EEPROM V.36.36,CIDATE 04/10/2008 | HP | jetdirect | - | - | -
236.11.5.1 | Samsung SL-M4072FD; V4.00.02.09 MAY-18-2016;Engine V1.00.13;NIC V4.01.42 MAY-18-2016;S/N ZELLBJAH70000CJ | Samsung | samsungprinter | SL-M4072FD | 4.00.02.09 | ZELLBJAH70000CJ
1129.2.3.48.3 | OKI OkiLAN 7400g Rev.01.00 10/100/1000BASE Ethernet Print Server: Attached to MC780 Rev.01.00: Oki Data Corporation. | OKI | okilan | MC780 | - | -
14988.1 | RouterOS RB951Ui-2HnD | MikroTik | routeros | RB951Ui-2HnD | - | -
@ github.com/netdisco/snmp-info issues 257, 312, 481; github.com/cvicente/Netdot issue 183
2011 | Huawei Versatile Routing Platform Software VRP Software Version 3.40, Release 0311P07 Quidway Series Router AR28-31 Copyright (c) 1998-2011, Huawei Technologies Co., Ltd. All rights reserved. | Huawei | vrp | AR28-31 | - | -
2011 | Huawei Versatile Routing Platform Software,VRP software, Version 3.40, Feature 0121L01.Quidway Router AR18-34E.Copyright (c) 1998-2009 Huawei Technologies Co., Ltd. All rights reserved. | Huawei | vrp | AR18-34E | - | -
171.10.70.6 | DGS-3627 Gigabit Ethernet Switch | D-Link | dlink | DGS-3627 | - | -
14823 | ArubaOS (MODEL: Aruba7220), Version 8.6.0.9 (79813) | Aruba | arubaos | Aruba7220 | 8.6.0.9 | -
@ github.com/centreon/centreon-plugins issue 4937; kentik/snmp-profiles issues 73, 320, 321, 508; glpi-project/glpi-agent issue 351
28557.1.334 | Hillstone Security Appliance SG-6000-A1100 | Hillstone | stoneos | SG-6000-A1100 | - | -
42040.1.1.0 | awlvprofilesp01 - VDI Profiles | Nasuni | - | - | - | -
1718.4 | Sentry Switched PDU | Server | sentry4 | - | - | -
13742.3.2.10 | DSX2-32-3 | Raritan | raritan-kvm | DSX2-32-3 | - | -
1602.4.3 | Canon TM-300 /P | Canon | canonprinter | TM-300 | - | -
@ github.com/librenms/librenms issues 2626, 5085, 8126; xcat2/xcat-core 5292; networkupstools/nut 2237, 3264; lausser/GLPlugin 16; apple/cups 4990
935.10.1 | Network Management Card for UPS | PowerWalker | powerwalker | - | - | -
47307 | - | IgniteNet | helios | - | - | -
1004849.3.2.10 | NVR | Dahua | dahua-nvr | - | - | -
2.6.223 | IBM PDU 46W1608(46M4003) OPDP_sIBM_v01.3_8 FreeRTOS_4.2.1 Lwip_1.2.0 | IBM | dpi | 46W1608 | - | -
318 | APC SNMP Agent | APC | apc | - | - | -
21239.42.1.55 | - | Vertiv | - | - | - | -
534.1 | ConnectUPS Web/SNMP Card V4.28 | Eaton | eatonups | - | 4.28 | -
367.1.1 | infotec  ISC 2432 1.21 / infotec Network Printer C model / infotec Network Scanner C model / infotec Network Facsimile C model | - | - | ISC 2432 | 1.21 | -
@ github.com/opensolutions/OSS_SNMP issue 34; github.com/inex/IXP-Manager issue 210
9.12.3.1.3.1508 | Cisco NX-OS(tm) n9000, Software (n9000-dk9), Version 6.1(2)I2(2b), RELEASE SOFTWARE Copyright (c) 2002-2013 by Cisco Systems, Inc. Compiled 8/7/2014 15:00:00 | Cisco | nxos | - | 6.1(2)I2(2b) | -
@ github.com/rapid7/recog xml/snmp_sysdescr.xml, other parts: read when the catalogue had been mended by what stands above
45.3 | Ethernet Routing Switch 5632FD HW:03 FW:6.0.0.10 SW:v6.2.0.008 BN:08 (c) Avaya Networks | Extreme | boss | 5632FD | 6.2.0.008 | -
2272 | ERS-8610co (5.1.1.10) | - | - | ERS-8610co | 5.1.1.10 | -
2272 | ERS-8810 (7.1.0.1) | - | - | ERS-8810 | 7.1.0.1 | -
6889 | Avaya Inc.- X330W-2DS1 WAN Router, SW Version 3.12.10 | Avaya | - | X330W-2DS1 | 3.12.10 | -
10418 | DSR2030 03.04.00.07 | - | - | DSR2030 | 03.04.00.07 | -
368 | AXIS 70U Network Document Server,Version: 1.08 | Axis | axisdocserver | 70U | 1.08 | -
368 | AXIS 540/542 Print Server V5.43 Feb 2 1998 | Axis | - | 540/542 | 5.43 | -
3417 | Blue Coat SG400 Series, Version: SGOS 5.2.4.8, Release id: 35838 Proxy Edition | Blue Coat | sgos | SG400 | 5.2.4.8 | -
3417 | Blue Coat AV1200 Series, ProxyAV Version: 3.2.6.1, Release id: 51482 | Blue Coat | - | AV1200 | 3.2.6.1 | -
2334 | Blue Coat PacketShaper 8.7.2_B174625_b65 | Blue Coat | packetshaper | - | 8.7.2_B174625_b65 | -
1588 | Fibre Channel Switch. | Brocade | fabos | - | - | -
1991 | Brocade Communications Systems, Inc. FESX424-PREM, IronWare Version 07.0.01bT3e3 Compiled on Mar 17 2010 at 23:02:11 labeled as SXR07001b | Brocade | ironware | FESX424-PREM | 07.0.01bT3e3 | -
1991 | Brocade NetIron CER, IronWare Version V5.2.0dT183 Compiled on Mar 02 2012 at 19:15:05 labeled as V5.2.00d | Brocade | ironware | NetIron CER | 5.2.0dT183 | -
1991 | Brocade Communications Systems, Inc. ServerIron ADX 4000, TrafficWork Version 12.4.00bT403 | Brocade | serveriron | ServerIron ADX 4000 | 12.4.00bT403 | -
1991 | Foundry Networks EdgeIron 48G | - | - | EdgeIron 48G | - | -
8072.3.2.8 | FreeBSD freebsd-92-x64-snmp 9.2-RELEASE FreeBSD 9.2-RELEASE #0 r255898: Thu Sep 26 22:50:31 UTC 2013 root@bake.isc.freebsd.org:/usr/obj/usr/src/sys/GENERIC amd64 | - | freebsd | - | 9.2-RELEASE | -
297 | FUJI XEROX ApeosPort-II C4300 ;ESS 1.121.8,IOT 3.8.2,IIT 7.6.0,ADF 11.6.3,FAX 11.20.53 | Fuji | fujifilmprinter | ApeosPort-II C4300 | - | -
26866 | Linux giga1-hd1-wax 2.6.34-GIGAMONuni-gvhd GigaVUE-H-Series 3.0.06 #1681 2013-11-06 07:42:52 ppc | Gigamon | gigavue | - | 3.0.06 | -
232 | HP IP Console Switch G2 4x1Ex32 - AF622 1.20.19.23386 | HP | - | AF622 | 1.20.19.23386 | -
36 | hostname VAX 4000-200 OpenVMS V7.2 Compaq TCP/IP Services for OpenVMS | - | openvms | - | 7.2 | -
11.2.3.7.11 | ProCurve Secure Router 7203dl, Version: 17.02.00, Date: Thu Jun 24 11:04:36 2010 | HP | procurve | 7203dl | 17.02.00 | -
11.2.3.9.1 | HP ETHERNET MULTI-ENVIRONMENT,SN:CNBJL00199,FN:JK0086J,SVCID:17036,PID:HP LaserJet P2015 Series | HP | jetdirect | LaserJet P2015 Series | - | CNBJL00199
11 | HP StorageWorks MSA2312fc | HP | hpe-msa | MSA2312fc | - | -
11 | HP StorageWorks P2000 G3 FC | HP | hpe-msa | P2000 G3 FC | - | -
232 | HP Onboard Administrator | HP | hpblmos | - | - | -
232 | Integrated Lights-Out 4 2.02 Aug 18 2014 | HP | hpe-ilo | - | 2.02 | -
2011 | Huawei Versatile Routing Platform Software\n VRP (R) software, Version 8.120 (CE6870EI V200R001C00SPC700) Copyright (C) 2012-2016 Huawei Technologies Co., Ltd. | Huawei | vrp | CE6870EI | 8.120 (V200R001C00SPC700) | -
311.1.1.3.1.1 | Hardware: Intel64 Family 15 Model 2 Stepping 5 AT/AT COMPATIBLE - Software: Windows Version 6.1 (Build 7601 Multiprocessor Free) | Microsoft | windows | - | - | -
8072.3.2.13 | Windows w12-srv-snmp 6.2.9200   Server 4.0 Intel64 Family 6 Model 26 Stepping 4 | Microsoft | windows | - | - | -
33 | LX Console Manager, s/w version=5.3.9 | MRV | - | - | 5.3.9 | -
789 | NetApp Release 7.2.4: Fri Nov 16 00:34:57 PST 2007 | NetApp | netapp | - | 7.2.4 | -
789 | NetApp Release 8.1RC2 7-Mode: Thu Oct 27 19:26:06 PDT 2011 | NetApp | netapp | - | 8.1RC2 7-Mode | -
5528 | NetBotz RackBotz 400C Appliance; FV: A1_3_90_168-20040908P, HR: REV A13, MD: 11/03/2003; MC: TEX | APC | - | 400C | A1_3_90_168-20040908P | -
304 | Netopia 3347NWG-ENT v8.6.1r4 | - | netopia | 3347NWG-ENT | 8.6.1r4 | -
5951 | NetScaler NS10.0: Build 54.6.nc, Date: Apr 6 2012, 08:00:41 | Citrix | netscaler | - | NS10.0: Build 54.6.nc | -
45.3 | BayStack 450-24T HW:RevL  FW:V1.47 SW:v3.1.0.22  ISVN:1 | Extreme | boss | 450-24T | 3.1.0.22 | -
45.3 | Ethernet Switch 470-48T      HW:#05      FW:3.6.0.6   SW:v3.6.2.04 BN:4 ISVN:2 (c) Nortel Networks | Extreme | boss | 470-48T | 3.6.2.04 | -
641 | Source Technologies ST-9620 version NR.APS.N447b2 kernel 2.6.18.5 All-N-1 | - | - | ST-9620 | NR.APS.N447b2 | -
42.2.1 | SunOS sysname 5.10 Generic_118833-33 sun4u | Sun | solaris | - | 5.10 | -
253 | Xerox B1025 Multifunction Printer; SS 75.000.77.000, NC V4.00.50, UI V5.52.00.08.00_18032319, ME V0.00.25 03-20-2018, CCOS 6.9.P | Xerox | xerox | B1025 | 75.000.77.000 | -
253 | Xerox Phaser 5500DN;PS G02.10,Net 22.42.11.22.2004,Eng 11.42.00,OS 4.46;SN RET570148 | Xerox | xerox | Phaser 5500DN | 4.46 | RET570148
253 | Xerox ColorQube 9203; System Software 000.000.000.00000, ESS | Xerox | xerox | ColorQube 9203 | - | -
10642 | ZebraNet PrintServer | Zebra | zebra | - | - | -
890 | Prestige 660HW-61 | Zyxel | prestige | 660HW-61 | - | -
@ github.com/opensolutions/OSS_SNMP issue 61; github.com/xcat2/xcat-core 5283, 6693; netdisco/snmp-info 528; fusioninventory/sysobject.ids 88; kentik/snmp-profiles 61
1588.3.3.1.2000 | Extreme BR-SLX9850-4 Router, SLX Operating System Version 18r.1.00a. | Extreme | slxos | BR-SLX9850-4 | 18r.1.00a | -
33049 | Onyx,MSN2410,SWv3.6.6107 | - | mellanox | MSN2410 | 3.6.6107 | -
674.10895 | Dell Networking N1548, 6.3.3.10, Linux 3.6.5 | Dell | powerconnect | N1548 | 6.3.3.10 | -
16177 | Westermo Lynx, primary: v4.32.5, backup: v4.32.2, bootloader: v2017.12.0-8 | Westermo | weos | Lynx | 4.32.5 | -
3320.1.2039.0 | BDCOM(tm) S2954 Software, Version 81502 hardware version: A | BDCOM | bdcom | S2954 | 81502 | -
9.6.1.83.10.1 | SG 300-10 10-Port Gigabit Managed Switch | Cisco | ciscosb | SG 300-10 | - | -
@ github.com/networkupstools/nut drivers/apc-mib.c (318.1.3.27 among Smart-UPSs), librenms/librenms 12550, fusioninventory/sysobject.ids 53
318.1.3.27 | APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.9.6 PN:apc_hw05_aos_696.bin AF1:v6.9.6 AN1:apc_hw05_sumx_696.bin MN:AP9631 HR:05) (Embedded PowerNet SNMP Agent SW v2.2 compatible) | APC | apc | AP9631 | - | -
232.165.7 | - | HPE | hpe-mapdu | - | - | -
232.165.11 | - | HPE | hpe-mapdu | - | - | -
171.10.134.7 | DGS-1100-24 | D-Link | dlink | DGS-1100-24 | - | -
"""  # noqa: E501
FIELDS = ("vendor", "os", "model", "version", "serial")
CASES = [tuple(cell.strip() for cell in line.split(" | ")) for line in SHOWN.splitlines() if line and not line.startswith("@")]


def said_by(object_id: str, descr: str) -> dict[str, str]:
    """The facts that come of these two alone."""
    name: Oid = () if object_id == "-" else (1, 3, 6, 1, 4, 1, *map(int, object_id.split(".")))
    text = "" if descr == "-" else descr.replace(r"\r", "\r").replace(r"\n", "\n")
    identity = identify([VarBind(SYS_DESCR, Kind.OCTET_STRING, text.encode()), VarBind(SYS_OBJECT_ID, 6, name)])
    found = conclude(questions(shipped(), identity), Answers(identity, {}, {}), "d", 1, complete=True)
    return {field: found.fact(field) for field in FIELDS}


def plain(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.lower())


def wrong(case: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """What was expected and what came, of each field that differs."""
    object_id, descr, *expected = case
    said = said_by(object_id, descr)
    pairs = {field: (wanted, said[field]) for field, wanted in zip(FIELDS, expected, strict=True) if wanted != "-"}
    loose = {"vendor", "model"}
    return {
        field: (wanted, came) for field, (wanted, came) in pairs.items()
        if not (plain(wanted) in plain(came) if field in loose else plain(wanted) == plain(came))
    }  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{case[0]}-{case[1][:32]}" for case in CASES])
def test_a_device_seen_in_public_is_known(case: tuple[str, ...]) -> None:
    assert not wrong(case)
