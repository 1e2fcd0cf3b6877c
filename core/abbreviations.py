"""What people call the organs of government, of which sheets hold only the full name: search finds them by it."""

from collections.abc import Iterator

SHORT: dict[str, tuple[str, ...]] = {
    "发展和改革": ("发改",), "发展改革": ("发改",), "经济和信息化": ("经信",), "工业和信息化": ("工信",), "科学技术": ("科技",),
    "民族宗教事务": ("民宗",), "人力资源和社会保障": ("人社", "人力社保"), "自然资源和规划": ("资规", "自规"), "自然资源": ("自规",),
    "生态环境": ("环保",), "住房和城乡建设": ("住建",), "交通运输": ("交通",), "农业农村": ("农业",), "文化和广电旅游体育": ("文广旅体",),
    "文化广电旅游体育": ("文广旅体",), "文化和旅游": ("文旅",), "卫生健康": ("卫健",), "退役军人事务": ("退役军人",), "应急管理": ("应急",),
    "国有资产监督管理": ("国资",), "市场监督管理": ("市监", "市场监管"), "医疗保障": ("医保",), "综合行政执法": ("综合执法", "执法"),
    "住房公积金管理": ("公积金",), "公共资源交易": ("交易",), "供销合作社": ("供销社",), "残疾人联合会": ("残联",), "妇女联合会": ("妇联",),
    "归国华侨联合会": ("侨联",), "工商业联合会": ("工商联",), "文学艺术界联合会": ("文联",), "大数据发展管理": ("大数据",),
    "机关事务管理": ("机关事务",), "机关事务保障": ("机关事务",), "地方金融工作": ("金融",), "地方金融监督管理": ("金融",),
    "人民代表大会常务委员会": ("人大常委会",), "人民代表大会": ("人大",), "政治协商会议": ("政协",), "纪律检查委员会": ("纪委",),
    "监察委员会": ("监委",), "人民法院": ("法院",), "人民检察院": ("检察院",), "政府办公室": ("政府办",), "机构编制委员会": ("编委",),
    "互联网信息": ("网信",), "共产主义青年团": ("共青团",), "委员会": ("委",), "管理局": ("局",), "管理中心": ("中心",),
}
"""Parts of names and what is said for each. Those at the end shorten what is left over."""


def shortened(name: str) -> Iterator[str]:
    """The name with its first long part said shortly, once for each way to say it; nothing where there is none to shorten."""
    if name.isascii():
        return
    for long, ways in SHORT.items():
        if long in name:
            for way in ways:
                short = name.replace(long, way)
                yield short
                if way not in ("委", "局", "中心"):
                    yield from _ended(short)
            return


def _ended(name: str) -> Iterator[str]:
    for long in ("委员会", "管理局", "管理中心"):
        if name.endswith(long):
            yield name.removesuffix(long) + SHORT[long][0]
