"""Where the City lies: the counties of Lishui and their townships (public geography)."""

from typing import NamedTuple


class Place(NamedTuple):
    """A county or a township: its Chinese name, and the form that stands in device names."""

    name: str
    latin: str


class County(NamedTuple):
    """A county with its townships."""

    name: str
    code: str
    latin: str
    townships: tuple[Place, ...]


def _places(text: str) -> tuple[Place, ...]:
    words = text.split()
    return tuple(Place(name, latin) for name, latin in zip(words[::2], words[1::2], strict=True))


CITY = Place("丽水市", "LiShui")

COUNTIES: tuple[County, ...] = (
    County("莲都区", "LD", "LianDu", _places(
        "碧湖镇 BiHu 大港头镇 DaGangTou 老竹镇 LaoZhu 雅溪镇 YaXi 太平乡 TaiPing 仙渡乡 XianDu 峰源乡 FengYuan 丽新乡 LiXin 黄村乡 HuangCun "
        "紫金街道 ZiJin 岩泉街道 YanQuan 万象街道 WanXiang 白云街道 BaiYun 联城街道 LianCheng 南明山街道 NanMingShan")),
    County("龙泉市", "LQ", "LongQuan", _places(
        "龙渊街道 LongYuan 西街街道 XiJie 剑池街道 JianChi 塔石街道 TaShi 八都镇 BaDu 上垟镇 ShangYang 小梅镇 XiaoMei 查田镇 ChaTian 安仁镇 AnRen "
        "锦溪镇 JinXi 住龙镇 ZhuLong 屏南镇 PingNan 兰巨乡 LanJu 宝溪乡 BaoXi 竹垟乡 ZhuYang 道太乡 DaoTai 岩樟乡 YanZhang 城北乡 ChengBei 龙南乡 LongNan")),
    County("青田县", "QT", "QingTian", _places(
        "鹤城街道 HeCheng 瓯南街道 OuNan 油竹街道 YouZhu 三溪口街道 SanXiKou 温溪镇 WenXi 东源镇 DongYuan 船寮镇 ChuanLiao 北山镇 BeiShan 山口镇 ShanKou "
        "海口镇 HaiKou 高湖镇 GaoHu 腊口镇 LaKou 仁庄镇 RenZhuang 章村乡 ZhangCun 舒桥乡 ShuQiao 贵岙乡 GuiAo 石溪乡 ShiXi 小舟山乡 XiaoZhouShan "
        "吴坑乡 WuKeng 万山乡 WanShan 黄垟乡 HuangYang 季宅乡 JiZhai 高市乡 GaoShi 海溪乡 HaiXi 万阜乡 WanFu 汤垟乡 TangYang 方山乡 FangShan "
        "巨浦乡 JuPu 阜山乡 FuShan 仁宫乡 RenGong 章旦乡 ZhangDan 祯旺乡 ZhenWang 祯埠镇 ZhenBu")),
    County("云和县", "YH", "YunHe", _places(
        "浮云街道 FuYun 元和街道 YuanHe 凤凰山街道 FengHuangShan 白龙山街道 BaiLongShan 石塘镇 ShiTang 紧水滩镇 JinShuiTan 崇头镇 ChongTou 赤石乡 ChiShi "
        "雾溪乡 WuXi 安溪乡 AnXi")),
    County("庆元县", "QY", "QingYuan", _places(
        "松源街道 SongYuan 濛洲街道 MengZhou 屏都街道 PingDu 黄田镇 HuangTian 竹口镇 ZhuKou 荷地镇 HeDi 左溪镇 ZuoXi 贤良镇 XianLiang 百山祖镇 BaiShanZu "
        "岭头乡 LingTou 五大堡乡 WuDaBao 淤上乡 YuShang 安南乡 AnNan 张村乡 ZhangCun 隆宫乡 LongGong 举水乡 JuShui 江根乡 JiangGen 龙溪乡 LongXi 官塘乡 GuanTang")),
    County("缙云县", "JY", "JinYun", _places(
        "五云街道 WuYun 仙都街道 XianDu 新碧街道 XinBi 壶镇镇 HuZhen 新建镇 XinJian 舒洪镇 ShuHong 大洋镇 DaYang 东渡镇 DongDu 东方镇 DongFang 大源镇 DaYuan "
        "七里乡 QiLi 前路乡 QianLu 三溪乡 SanXi 溶江乡 RongJiang 双溪口乡 ShuangXiKou 胡源乡 HuYuan 方溪乡 FangXi 石笕乡 ShiJian")),
    County("遂昌县", "SC", "SuiChang", _places(
        "妙高街道 MiaoGao 云峰街道 YunFeng 北界镇 BeiJie 大柘镇 DaZhe 石练镇 ShiLian 金竹镇 JinZhu 黄沙腰镇 HuangShaYao 新路湾镇 XinLuWan 王村口镇 WangCunKou "
        "三仁乡 SanRen 濂竹乡 LianZhu 应村乡 YingCun 高坪乡 GaoPing 湖山乡 HuShan 蔡源乡 CaiYuan 焦滩乡 JiaoTan 龙洋乡 LongYang 柘岱口乡 ZheDaiKou "
        "西畈乡 XiFan 垵口乡 AnKou")),
    County("松阳县", "SY", "SongYang", _places(
        "西屏街道 XiPing 水南街道 ShuiNan 望松街道 WangSong 古市镇 GuShi 玉岩镇 YuYan 象溪镇 XiangXi 大东坝镇 DaDongBa 新兴镇 XinXing 叶村乡 YeCun 斋坛乡 ZhaiTan "
        "三都乡 SanDu 竹源乡 ZhuYuan 四都乡 SiDu 赤寿乡 ChiShou 樟溪乡 ZhangXi 枫坪乡 FengPing 板桥乡 BanQiao 裕溪乡 YuXi 安民乡 AnMin")),
    County("景宁县", "JN", "JingNing", _places(
        "红星街道 HongXing 鹤溪街道 HeXi 渤海镇 BoHai 东坑镇 DongKeng 英川镇 YingChuan 沙湾镇 ShaWan 大均乡 DaJun 澄照乡 ChengZhao 梅岐乡 MeiQi 郑坑乡 ZhengKeng "
        "大漈乡 DaJi 景南乡 JingNan 雁溪乡 YanXi 鸬鹚乡 LuCi 梧桐乡 WuTong 标溪乡 BiaoXi 毛垟乡 MaoYang 秋炉乡 QiuLu 大地乡 DaDi 家地乡 JiaDi 九龙乡 JiuLong")),
)
