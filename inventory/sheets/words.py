"""Values that a cell is chosen from, with their Chinese words."""

LEVELS = {"city": "市级", "county": "县级", "township": "乡镇级"}
ROLES = {"P": "P", "PE": "PE", "CE": "CE", "core": "核心", "aggregation": "汇聚", "access": "接入", "ToR": "架顶", "firewall": "防火墙",
         "load-balancer": "负载均衡", "gap": "网闸", "server": "服务器", "other": "其他"}
PROTECTION = {"1": "一级", "2": "二级", "3": "三级", "4": "四级", "5": "五级"}
FLAGS = {"yes": "是", "no": "否"}
VERSIONS = {"1": "1", "2c": "2c", "3": "3"}
VERSION_WORDS = {"v1": "1", "v2c": "2c", "v2": "2c", "2": "2c", "v3": "3"}
CREDENTIAL_KINDS = {"snmp-community": "SNMP团体字", "snmp-v3": "SNMPv3用户", "ssh": "SSH登录", "password": "用户密码", "token": "令牌"}
AUTH = {word: word for word in ("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")}
PRIV = {word: word for word in ("DES", "AES128", "AES192", "AES256")}
TIERS = {"web": "接入层", "app": "应用层", "db": "数据库", "cache": "缓存", "queue": "消息队列", "gateway": "网关", "other": "其他"}
HA_KINDS = {"stack": "堆叠", "irf": "IRF", "vrrp": "VRRP", "mlag": "跨设备聚合", "cluster": "集群", "active-standby": "主备"}
ZONE_KINDS = {"public": "公用网络区", "private": "专用网络区", "internet": "互联网接入区", "management": "管理区"}
EGRESS_KINDS = {"internet": "互联网", "province": "省级", "other": "其他"}
NAT_KINDS = {"source": "源地址转换", "destination": "目的地址转换", "static": "静态映射"}
ACTIONS = {"permit": "放行", "deny": "阻断"}
PROTOCOLS = {"tcp": "tcp", "udp": "udp", "icmp": "icmp", "any": "any"}
PLATFORM_KINDS = {"openstack": "OpenStack"}
