//! Tariffs and bills.

mod bill;

pub use bill::{Bill, BillState, CycleBill, Line, LineKind};

use serde::{Deserialize, Serialize};

/// One of the five time-of-use periods that every tariff's bands map to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// 尖
    Sharp,
    /// 峰
    Peak,
    /// 平
    Flat,
    /// 谷
    Valley,
    /// 深谷
    Deep,
}

impl Period {
    /// All five, dearest first, in the order of tables.
    pub const ALL: [Self; 5] = [Self::Sharp, Self::Peak, Self::Flat, Self::Valley, Self::Deep];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sharp => "sharp",
            Self::Peak => "peak",
            Self::Flat => "flat",
            Self::Valley => "valley",
            Self::Deep => "deep",
        }
    }
}
