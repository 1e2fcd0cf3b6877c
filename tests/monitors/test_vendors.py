"""What devices of many kinds say of themselves, in the wording of their vendors, and what is made of it."""

import pytest

from core.polling import Kind, Oid, VarBind
from monitors.answers import SYS_DESCR, SYS_OBJECT_ID, Answers
from monitors.discovery import conclude, identify, questions
from monitors.profiles import shipped

CASES = [
    ("1.3.6.1.4.1.311.1.1.3.1.2", "Hardware: x64 - Software: Windows Version 10.0 (Build 17763 Multiprocessor Free)",
     "windows Server 2019 1809 (NT 6.3)"),
    ("1.3.6.1.4.1.6876.4.1", "VMware ESXi 8.0.1 build-21495797 VMware, Inc. x86_64", "vmware-esxi 8.0.1"),
    ("1.3.6.1.4.1.30065.1.1", "Arista Networks EOS version 4.28.3M running on an Arista Networks DCS-7280SR-48C6",
     "arista_eos 4.28.3M DCS-7280SR-48C6"),
    ("1.3.6.1.4.1.6527.1.3.17", "TiMOS-B-20.10.R4 both/x86_64 Nokia 7750 SR Copyright (c) 2000-2021 Nokia.", "timos 20.10.R4 7750 SR"),
    ("1.3.6.1.4.1.232.9.4.10", "Integrated Lights-Out 5 2.55 Oct 01 2021", "hpe-ilo 2.55"),
    ("1.3.6.1.4.1.674.10895.3056", "Dell EMC Networking N2048P, 6.7.1.3, Linux 4.14.138",
     "powerconnect 6.7.1.3 Dell EMC Networking N2048P"),
    ("1.3.6.1.4.1.14988.1", "RouterOS CCR2004-1G-12S+2XS", "routeros CCR2004-1G-12S+2XS"),
    ("1.3.6.1.4.1.11.2.3.7.11.160", "HP J9729A 2920-48G-POE+ Switch, revision WB.16.10.0009, ROM WB.16.03",
     "procurve WB.16.10.0009 J9729A 2920-48G-POE+"),
    ("1.3.6.1.4.1.9.1.1194", "Cisco Adaptive Security Appliance Version 9.16(3)19", "asa 9.16(3)19"),
    ("1.3.6.1.4.1.9.1.2405", "Cisco Firepower Threat Defense, Version 7.0.1 (Build 84), ASA Version 9.16(2)3",
     "ftd 7.0.1 (Build 84)"),
    ("1.3.6.1.4.1.6339.1.1.1.227", "CS6200-28X-EI Device, Compiled Nov 09 2018 SoftWare Version 7.0.3.5(R0102)",
     "dcn-software 7.0.3.5(R0102) CS6200-28X-EI"),
    ("1.3.6.1.4.1.318.1.3.4.5",
     "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.8.2 PN:aos.bin AF1:v6.8.0 AN1:rpdu2g.bin MN:AP8853 HR:02 SN: ZA1234567890 MD:01/01/16)",
     "apc AOS v6.8.2 / App v6.8.0 AP8853 02 ZA1234567890"),
    ("1.3.6.1.4.1.2011.2.224.9",
     "Huawei AR2220E Huawei Versatile Routing Platform Software VRP (R) software,Version 5.170 (AR2200 V200R010C10SPC700)",
     "vrp 5.170 (V200R010C10SPC700) AR2220E"),
    ("1.3.6.1.4.1.2011.2.360.1",
     "Huawei Versatile Routing Platform Software VRP (R) software, Version 8.220 (NetEngine 8000 V800R021C00SPC100)",
     "vrp 8.220 (V800R021C00SPC100) NetEngine 8000"),
    ("1.3.6.1.4.1.3902.3.100.40",
     "ZXR10 ROS Version V4.08.24 ZXR10_5952E Software, Version ZXR10 5900E V2.9.11.R1.P02 Copyright (c) by ZTE",
     "zxr10 V2.9.11.R1.P02 5952E"),
]  # fmt: skip


@pytest.mark.parametrize(("object_id", "descr", "expected"), CASES)
def test_what_a_device_says_of_itself_becomes_os_version_model_and_serial(object_id: str, descr: str, expected: str) -> None:
    name: Oid = tuple(map(int, object_id.split(".")))
    identity = identify([VarBind(SYS_DESCR, Kind.OCTET_STRING, descr.encode()), VarBind(SYS_OBJECT_ID, 6, name)])
    found = conclude(questions(shipped(), identity), Answers(identity, {}, {}), "d", 1, complete=True)
    assert " ".join(filter(None, map(found.fact, ("os", "version", "model", "serial")))) == expected
    assert found.fact("vendor")
