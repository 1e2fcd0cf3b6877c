r"""Devices of power, rooms, storage and printing as strangers show them in public, in the form of test_blind: written before the catalogue
was tried on them. What they say of themselves is reported in the comments of Observium's list of systems and in threads of GLPI and NUT."""

import pytest

from tests.monitors.test_blind import wrong

SHOWN = r"""
368.4 | ; AXIS 241S; Video Server; 4.47; May 30 2008 15:19; 11C.1; 1; | Axis | axiscam | 241S | 4.47 | -
368.4 | ; AXIS P5534-E; PTZ Dome Network Camera; 5.40.9.4; Aug 02 2013 13:03; 188.2; 1; | Axis | axiscam | P5534-E | 5.40.9.4 | -
368 | AXIS 5600+ Network Print Server V7.10.2 Jan 30 2007 | Axis | - | 5600+ | 7.10.2 | -
1918.2.13 | SC200 Controller - software version 4.04 | Eaton | eaton-sc200 | SC200 | 4.04 | -
1918.2.13 | SC200 Supervisory Module - software version 1.01 | Eaton | eaton-sc200 | SC200 | 1.01 | -
10418 | AlterPath ACS5032 - version: V_1.0.2 (Mar/19/10). | - | avocent | ACS5032 | 1.0.2 | -
2606.7 | Rittal CMC III PU SN 40341455 HW V3.00 - SW V3.13.00_2 | Rittal | rittal-cmc-iii-pu | CMC III PU | 3.13.00_2 | 40341455
11.5.7.5 | HP VC Flex-10 Enet Module Virtual Connect 3.70 | HPE | hpvc | VC Flex-10 Enet Module | 3.70 | -
11.5.7.5 | HP VC FlexFabric 10Gb/24-Port Module 4.45 2015-07-20T23:55:25Z | HPE | hpvc | VC FlexFabric 10Gb/24-Port Module | 4.45 | -
11.5.7.5 | HP 1/10Gb-F VC-Enet Module Virtual Connect 3.60 | HPE | hpvc | 1/10Gb-F VC-Enet Module | 3.60 | -
11.10 | HP MSL G3 Series | HPE | hpe-msl | MSL G3 | - | -
11.10 | HP StorageWorks D2D Backup System CZJ23203XD HP-CZJ23203XD EH998B | - | - | D2D Backup System | - | -
232.165.3 | HP UPS Network Module, revision BD06, firmware revision 1.05.001 | HPE | hpe-rtups | - | 1.05.001 | -
232.165.5 | HP Intelligent Modular PDU , revision W-J, firmware version 2.0.22 | HPE | hpe-ipdu | Intelligent Modular PDU | 2.0.22 | -
34097.9 | Racktivity AC2Meter. | Racktivity | - | AC2Meter | - | -
- | CS121 v 5.14.97 | Generex | generex-ups | - | 5.14.97 | -
20916.1.10 | Room Alert 12E v3.0.2 | AVTECH | avtech | Room Alert 12E | 3.0.2 | -
18248.20 | SNMP TME | Papouch | papouch-tme | TME | - | -
18248 | TH2E | Papouch | papouch-tme | TH2E | - | -
18248.31 | Papago_2TH_ETH | Papouch | papouch-tme | 2TH_ETH | - | -
641.4 | 4900   Series version NET.CH.N208 kernel 2.6.12.5-88w8xx8 All-N-1 | - | lexmarkprinter | 4900 | NET.CH.N208 | -
641.1.71106853 | Laser Printer 66 version NR.APS.N310 kernel 2.6.18.5 All-N-1 | - | lexmarkprinter | Laser Printer 66 | NR.APS.N310 | -
641.2.71106878 | Color Laser Printer 59-MFP version NR.APS.N434 kernel 2.6.18.5 All-N-1 | - | lexmarkprinter | Color Laser Printer 59-MFP | NR.APS.N434 | -
641.1 | FLP T630 version 55.10.19 kernel 2.4.0-test6 All-N-1 | - | lexmarkprinter | T630 | 55.10.19 | -
367.1.1 | RFG SP 3300 Series OS 1.50.02.44 06-17-2009;Engine 1.01.25;NIC V4.01.03 06-02-2009;S/N S4099302659W | - | - | SP 3300 | 1.50.02.44 | S4099302659W
367.1.1 | SAVIN C3030 1.62.1 / SAVIN Network Printer C model / SAVIN Network Scanner C model | Savin | savin | C3030 | 1.62.1 | -
367.1.1 | LANIER MP 7001/LD370 1.20 / LANIER Network Printer C model / LANIER Network Scanner C model | Lanier | lanier | MP 7001/LD370 | 1.20 | -
18334.1.2.1.2.1.69.4.1 | Fiery PRO80 70-60C-KM | Konica | konica | Fiery PRO80 70-60C-KM | - | -
18334.1.2.1.2.1.57.2.1 | Develop ineo+ 220 | Develop | developprinter | ineo+ 220 | - | -
253.8.62.1 | Xerox Phaser 6700DN; System Software 081.140.103.22600, ESS 0.040.0.0 | Xerox | xerox | Phaser 6700DN | 081.140.103.22600 | -
253.8.62.1 | Xerox WorkCentre 4260; System Software Version 30.103.51.000, Main Controller 2.50.03.51, Network Controller 4.01.71.06, Image Output Terminal 0.41.69, User Interface 0.040.15.186 | Xerox | xerox | WorkCentre 4260 | 30.103.51.000 | -
1347.43.5.1.1.1 | KYOCERA Print System IB-110 Ver 1.2.0 | Kyocera | kyocera | IB-110 | 1.2.0 | -
1347.41 | HP ETHERNET MULTI-ENVIRONMENT, ROM J.sp.00, JETDIRECT EX and JD28 EEPROM 5.58 | Kyocera | kyocera | - | 5.58 | -
674.10898 | Dell MFP Laser 3115cn; Net 9.26, Controller 200709110910, Engine 05.08.00 | Dell | dell-laser | 3115cn | - | -
28507.1 | Expert Power Control 1200 | Gude | gude-epc | Expert Power Control 1200 | - | -
28507.6 | IPower Control 2x6 M | Gude | gude-epc | IPower Control 2x6 M | - | -
28507.23 | Expert PDU Basic 8111 | Gude | gude-epc | Expert PDU Basic 8111 | - | -
28507.35 | Expert PDU energy 8182 | Gude | gude-epc | Expert PDU energy 8182 | - | -
332.11.6 | Connect WAN 3G (RS232 serial) Version ubuntu_tj 10/22/2012 16:32:14 PDT | Digi | - | Connect WAN 3G | ubuntu_tj | -
332.11.6 | ConnectPort X4 NEMA Version 82001536_N 08/30/2013 | Digi | - | ConnectPort X4 NEMA | 82001536_N | -
332.11.6 | Digi Connect N2S-170 Version 82001120_J1 04/21/2008 | Digi | - | Connect N2S-170 | 82001120_J1 | -
5003.8.1.1 | Product: MP-114 FXS;SW Version: 5.00A.034.001 | AudioCodes | audiocodes | MP-114 FXS | 5.00A.034.001 | -
5003 | Product: MEDIANT8000 ; SW Version: 5.4.39 | AudioCodes | audiocodes | MEDIANT8000 | 5.4.39 | -
21796.3.3 | Poseidon 2250 SNMP Supervisor v1.0.9 | HW group | hwg-poseidon | Poseidon 2250 | 1.0.9 | -
21796.3.3 | Poseidon2 4002 SNMP Supervisor v1.2.0 | HW group | hwg-poseidon | Poseidon2 4002 | 1.2.0 | -
21796.4.1 | HWg-STE Plus | HW group | hwg-ste | HWg-STE Plus | - | -
21796.4.9 | STE2 | HW group | hwg-ste2 | STE2 | - | -
21796.4.6 | HWg-PWR | HW group | - | HWg-PWR | - | -
25728 | UniPing Server Solution, FW v50.11.7.A-10 | NetPing | uniping | UniPing Server Solution | 50.11.7.A-10 | -
25728 | NetPing 8/PWRv3/SMS, FW v48.4.5.A-1 | NetPing | uniping | NetPing 8/PWRv3/SMS | 48.4.5.A-1 | -
25728 | UniPing v3, FW v60.3.6.A-1 | NetPing | uniping | UniPing v3 | 60.3.6.A-1 | -
7745.7 | AVC8500_Series_3 Aethra Video Communication System. | Aethra | - | AVC8500_Series_3 | - | -
476.1.1.1.14 | - | Vertiv | - | - | - | -
17420 | Switched PDU | DigiPower | digipower | - | - | -
1602.4 | Canon LBP6670 /P | Canon | canonprinter | LBP6670 | - | -
207 | iMG634A - Hw: H - Sw: 3-7_150 Copyright (c) 2005 by Allied Telesis K.K. | Allied | - | iMG634A | 3-7_150 | -
1332.1.3 | ISKRATEL Switching | Iskratel | - | - | - | -
5089.1 | Clavister cOS Core 10.21.02.01-25325 | Clavister | - | - | 10.21.02.01-25325 | -
"""  # noqa: E501
CASES = [tuple(cell.strip() for cell in line.split(" | ")) for line in SHOWN.splitlines() if line]


@pytest.mark.parametrize("case", CASES, ids=[f"{case[0]}-{case[1][:32]}" for case in CASES])
def test_a_device_seen_in_public_is_known(case: tuple[str, ...]) -> None:
    assert not wrong(case)
