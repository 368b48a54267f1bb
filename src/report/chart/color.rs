//! The colour ramp of heat maps.

/// Entries of a ramp. More could not be told apart and would cost the picture a third of its size.
pub const STEPS: usize = 24;

/// Colours from low to high, evenly light-stepped so that grey print and colour-blind eyes keep
/// the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ramp(pub [[u8; 3]; STEPS]);

/// Ten evenly spaced support points of cividis, rounded
/// (Nuñez, Anderton, Renslow 2018, doi:10.1371/journal.pone.0199239).
const CIVIDIS: [[u8; 3]; 10] = [
    [0, 34, 78],
    [18, 53, 112],
    [59, 73, 108],
    [87, 93, 109],
    [112, 113, 115],
    [138, 134, 120],
    [166, 157, 117],
    [196, 181, 108],
    [225, 204, 85],
    [254, 232, 56],
];

impl Default for Ramp {
    fn default() -> Self {
        let mut out = [[0; 3]; STEPS];
        for (i, color) in out.iter_mut().enumerate() {
            let at = i as f64 / (STEPS - 1) as f64 * (CIVIDIS.len() - 1) as f64;
            let k = (at.floor() as usize).min(CIVIDIS.len() - 2);
            let share = at - k as f64;
            for (c, (a, b)) in color.iter_mut().zip(CIVIDIS[k].iter().zip(&CIVIDIS[k + 1])) {
                *c = (f64::from(*a) + share * (f64::from(*b) - f64::from(*a))).round() as u8;
            }
        }
        Self(out)
    }
}

impl Ramp {
    /// The entry for a value between `low` and `high`; values beyond take the ends.
    #[must_use]
    pub fn index(value: f64, low: f64, high: f64) -> u8 {
        if high <= low {
            return 0;
        }
        let last = (STEPS - 1) as f64;
        // To the nearest entry: the cast truncates.
        (((value - low) / (high - low) * last).clamp(0.0, last) + 0.5) as u8
    }

    /// An entry as `#rrggbb`.
    #[must_use]
    pub fn hex(&self, index: u8) -> String {
        let [r, g, b] = self.0.get(usize::from(index)).copied().unwrap_or([0; 3]);
        format!("#{r:02x}{g:02x}{b:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ramp_gets_lighter_all_the_way() {
        let light = |c: [u8; 3]| 0.2126 * f64::from(c[0]) + 0.7152 * f64::from(c[1]) + 0.0722 * f64::from(c[2]);
        let ramp = Ramp::default();
        assert!(ramp.0.windows(2).all(|w| light(w[0]) < light(w[1])));
        assert_eq!((ramp.hex(0), ramp.hex(23)), ("#00224e".into(), "#fee838".into()));
    }

    #[test]
    fn values_beyond_the_ends_take_the_ends() {
        assert_eq!([-5.0, 0.0, 5.0, 10.0, 99.0].map(|v| Ramp::index(v, 0.0, 10.0)), [0, 0, 12, 23, 23]);
        assert_eq!(Ramp::index(4.0, 4.0, 4.0), 0);
    }
}
