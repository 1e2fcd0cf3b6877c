"""What a Linux host calls itself is its owner's wish: `uname -a` holds the host's name, which must not be taken for a maker's."""

import re

_UNAME = re.compile(r"^(Linux )\S{1,64}( \d\S{0,120} #.*)", re.DOTALL)
_SUFFIX = re.compile(
    r"^ \d\S*?(?:-(?:generic|lowlatency|azure|aws|gcp|oracle|oem|kvm|raspi|virtual|server|desktop|default)"
    r"|-(?:amd64|arm64|loong64|686|lts|zen|arch\d|v[678]l?\+)"
    r"|\.(?:el|fc|oe|ky|uelc?|an|tl|al|amzn|nfs|ctl|bclinux|h\d|v\d)\d|-MANJARO|\.lts)",
)
"""What distributions put behind the number of the kernel."""
_BUILT = re.compile(r"(?i)\b(?:debian|ubuntu|suse|centos|red ?hat|rocky|alma|kylin|openeuler|uos|uniontech|deepin|anolis|alpine|gentoo)")


def without_host_name(descr: str) -> str:
    """sysDescr of a host whose kernel is that of a general distribution, without the host's own name; others as they are.

    Appliances on kernels of their own are often known by that name alone.
    """
    found = _UNAME.match(descr[:512])
    if found is None or not (_SUFFIX.match(found[2]) or _BUILT.search(found[2])):
        return descr
    return f"{found[1]}-{found[2]}"
