//! From the free text of an industry to a sector, by keywords.

use crate::customer::Sector;
use crate::error::{Error, Result};
use crate::text::said;
use serde::Deserialize;
use std::path::Path;

/// The shipped keywords.
const SHIPPED: &str = include_str!("sectors.toml");

/// Keywords of sectors, own ones before shipped ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectorMap {
    layers: Vec<Vec<Keywords>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keywords {
    id: Sector,
    keywords: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sector: Vec<Keywords>,
}

impl SectorMap {
    /// The shipped keywords, behind those of `own` when given.
    ///
    /// # Errors
    /// When the file cannot be read or is not of the form of the shipped one.
    pub fn load(own: Option<&Path>) -> Result<Self> {
        let mut layers = Vec::new();
        if let Some(path) = own {
            layers.push(parse(path, &super::read::text(path)?)?);
        }
        layers.push(parse(Path::new("sectors.toml"), SHIPPED)?);
        Ok(Self { layers })
    }

    /// The sector whose longest keyword occurs in an industry's text; among equals the sector that
    /// stands first. `None` when no keyword occurs.
    #[must_use]
    pub fn sector(&self, industry: &str) -> Option<Sector> {
        let text = industry.to_lowercase();
        self.layers.iter().find_map(|layer| {
            let mut best: Option<(usize, Sector)> = None;
            for sector in layer {
                let longest = sector.keywords.iter().filter(|k| occurs(&text, k)).map(|k| k.chars().count()).max();
                if let Some(n) = longest.filter(|n| best.is_none_or(|(m, _)| *n > m)) {
                    best = Some((n, sector.id));
                }
            }
            best.map(|b| b.1)
        })
    }
}

fn parse(path: &Path, text: &str) -> Result<Vec<Keywords>> {
    let file: File = toml::from_str(text).map_err(|e| Error::Columns {
        path: path.to_owned(),
        what: e.to_string(),
        cure: said("side.sectors_cure").into(),
    })?;
    let mut sectors = file.sector;
    for sector in &mut sectors {
        for keyword in &mut sector.keywords {
            *keyword = keyword.trim().to_lowercase();
        }
        sector.keywords.retain(|k| !k.is_empty());
    }
    Ok(sectors)
}

/// Whether a keyword occurs: Latin words begin where a word begins and end where it ends, a plural s
/// aside; other scripts have no borders of words.
fn occurs(text: &str, keyword: &str) -> bool {
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(keyword).any(|(at, found)| {
        let end = text.get(at + found.len()..).unwrap_or_default();
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let starts = !latin(keyword.chars().next()) || !latin(before);
        let rest = end.strip_prefix('s').filter(|r| !latin(r.chars().next())).unwrap_or(end);
        starts && (!latin(keyword.chars().next_back()) || !latin(rest.chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn industries_map_by_their_longest_keyword() -> Result<()> {
        let map = SectorMap::load(None)?;
        for (industry, sector) in [
            ("综合医院", Some(Sector::Hospital)),
            ("互联网数据中心（IDC）", Some(Sector::DataCentre)),
            ("水泥制造", Some(Sector::ContinuousProcess)),
            ("水泥制品", Some(Sector::DiscreteManufacturing)),
            ("平板玻璃", Some(Sector::ContinuousProcess)),
            ("化工机械制造", Some(Sector::DiscreteManufacturing)),
            ("水果冷库", Some(Sector::ColdStore)),
            ("Education", Some(Sector::Commercial)),
            ("school (anonymised, sample)", Some(Sector::Commercial)),
            ("steel (coils, plates)", Some(Sector::DiscreteManufacturing)),
            ("integrated steel works, blast furnace", Some(Sector::ContinuousProcess)),
            ("small parts, plastics injection moulding", Some(Sector::DiscreteManufacturing)),
            ("自来水生产和供应", Some(Sector::PublicService)),
            ("", None),
            ("whatever", None),
        ] {
            assert_eq!(map.sector(industry), sector, "{industry}");
        }
        Ok(())
    }

    /// Divisions of GB/T 4754 that large customers are of, by the names that registers give them.
    #[test]
    fn large_users_industries_have_their_sector() -> Result<()> {
        let map = SectorMap::load(None)?;
        let table: [(Option<Sector>, &str); 8] = [
            (
                Some(Sector::ContinuousProcess),
                "生猪养殖|蛋鸡饲养及家禽孵化|水产养殖|煤炭开采和洗选业|石油和天然气开采业|黑色金属矿采选业|有色金属矿采选业|\
                 非金属矿采选业|制糖业|酒精制造|石油、煤炭及其他燃料加工业|化学原料和化学制品制造业|氮肥制造（尿素）|医药制造业|\
                 化学纤维制造业|非金属矿物制品业|粘土砖瓦|石灰和石膏|耐火材料制品|石墨及碳素制品|黑色金属冶炼和压延加工业|\
                 有色金属冶炼和压延加工业|集成电路制造|显示器件制造|火力发电|垃圾焚烧发电|管道运输业|造纸和纸浆|poultry farm|coal mine|\
                 industrial gases (air separation)|brickworks",
            ),
            (
                Some(Sector::DiscreteManufacturing),
                "农副食品加工业|饲料加工|谷物磨制|食品制造业|酒、饮料和精制茶制造业|啤酒制造|烟草制品业（卷烟）|纺织业|棉纺纱加工|\
                 纺织服装、服饰业|皮革、毛皮、羽毛及其制品和制鞋业|木材加工|人造板|家具制造业|纸制品|印刷和记录媒介复制业|\
                 文教、工美、体育和娱乐用品制造业|体育用品制造|涂料、油墨|日用化工|橡胶和塑料制品业|金属制品业|黑色金属铸造|铸铁件|\
                 铸造|通用设备制造业|专用设备制造业|汽车制造业|铁路、船舶、航空航天和其他运输设备制造业|轨道交通装备|\
                 电气机械和器材制造业|电线电缆|计算机、通信和其他电子设备制造业|仪器仪表制造业|废弃资源综合利用业|砂石骨料|foundry|\
                 flour mill|printed circuit boards",
            ),
            (
                Some(Sector::ColdStore),
                "牲畜屠宰|肉制品及副产品加工|水产品加工|乳制品制造|速冻食品制造|冷链物流|冷冻仓储|dairy",
            ),
            (
                Some(Sector::PublicService),
                "水的生产和供应业|污水处理及其再生利用|热力生产和供应|燃气生产和供应业|城市轨道交通|铁路运输业|高速公路隧道|港口码头|\
                 水利泵站|农田灌溉|公共设施管理业|国家机构（机关）|公安机关|监狱|电动汽车充电桩|irrigation",
            ),
            (
                Some(Sector::Commercial),
                "批发业|零售业|医药批发|住宿业|餐饮业|房地产业|物流园|快递分拣|仓储业|加油站|教育（高等学院）|幼儿园|文化艺术业|影院|\
                 健身房|旅游景区|软件和信息技术服务业|货币金融服务（银行）|warehouse|wholesale",
            ),
            (
                Some(Sector::Hospital),
                "综合医院|社区卫生服务中心|妇幼保健院|疾病预防控制中心|养老院|护理院|nursing home",
            ),
            (Some(Sector::DataCentre), "电信、广播电视和卫星传输服务|移动通信机房|算力中心|colocation"),
            (None, "农业|种植业|林业|建筑业|土木工程建筑业|科学研究|产业园区|居民用电|farm|household"),
        ];
        for (sector, industries) in table {
            for industry in industries.split('|') {
                assert_eq!(map.sector(industry), sector, "{industry}");
            }
        }
        Ok(())
    }

    #[test]
    fn latin_keywords_are_words() {
        assert!(occurs("shopping malls", "mall") && !occurs("small parts", "mall") && !occurs("malleable", "mall"));
        assert!(occurs("深圳idc机房", "idc"));
    }

    #[test]
    fn own_keywords_go_first() -> Result<()> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("own.toml");
        std::fs::write(&path, "[[sector]]\nid = \"cold_store\"\nkeywords = [\"医院\"]\n").unwrap();
        let map = SectorMap::load(Some(&path))?;
        assert_eq!(map.sector("综合医院"), Some(Sector::ColdStore));
        assert_eq!(map.sector("商场"), Some(Sector::Commercial));
        std::fs::write(&path, "[[sector]]\nid = \"hospitals\"\nkeywords = []\n").unwrap();
        assert!(SectorMap::load(Some(&path)).unwrap_err().to_string().contains("own.toml"));
        Ok(())
    }
}
