//! Least squares for daily energy against temperature.

/// A line that begins at a balance point: `y = base + slope · max(x − balance, 0)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ChangePoint {
    /// Value below the balance point.
    pub base: f64,
    /// Rise per unit above it.
    pub slope: f64,
    /// Where it begins.
    pub balance: f64,
    /// Share of the variance that it explains.
    pub r2: f64,
    /// The slope over its standard error.
    pub t: f64,
}

/// The best line among balance points from `from` to `to` in steps of `step`: that of the greatest
/// R² (the search of CalTRACK 2.0, which asks for a step of at most 3 °F). `None` with fewer than
/// `least` points, or without a rise.
pub(super) fn change_point(
    points: &[(f64, f64)],
    (from, to, step): (f64, f64, f64),
    least: usize,
) -> Option<ChangePoint> {
    if points.len() < least.max(3) || step <= 0.0 {
        return None;
    }
    let n = ((to - from) / step).floor().max(0.0) as usize;
    let fits = (0..=n).filter_map(|i| line(points, from + step * i as f64)).filter(|f| f.slope > 0.0);
    fits.reduce(|a, b| if b.r2 > a.r2 { b } else { a })
}

fn line(points: &[(f64, f64)], balance: f64) -> Option<ChangePoint> {
    let n = points.len() as f64;
    let x = |p: &(f64, f64)| (p.0 - balance).max(0.0);
    let (mx, my) = (points.iter().map(x).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let (mut sxx, mut sxy, mut syy) = (0.0, 0.0, 0.0);
    for p in points {
        let (dx, dy) = (x(p) - mx, p.1 - my);
        sxx += dx * dx;
        sxy += dx * dy;
        syy += dy * dy;
    }
    if sxx <= 0.0 || syy <= 0.0 {
        return None;
    }
    let slope = sxy / sxx;
    let residual = (syy - slope * sxy).max(0.0);
    let error = (residual / (n - 2.0).max(1.0) / sxx).sqrt();
    let t = if error > 0.0 { slope / error } else { f64::INFINITY };
    Some(ChangePoint { base: my - slope * mx, slope, balance, r2: 1.0 - residual / syy, t })
}

/// What each hour of a day rises by beside the day's mean, for each unit above a balance point: least squares by
/// slot on the points of a line, in units of their mean; what falls counts as 0. `None` where nothing rises.
pub(super) fn course(days: &[(f64, &[f64])], balance: f64) -> Option<Vec<f64>> {
    let n = days.len() as f64;
    let x = |t: f64| (t - balance).max(0.0);
    let mean = days.iter().map(|d| x(d.0)).sum::<f64>() / n;
    let mut slopes = vec![0.0; days.first()?.1.len()];
    for (t, kw) in days {
        let dx = x(*t) - mean;
        slopes.iter_mut().zip(*kw).for_each(|(s, v)| *s += dx * v);
    }
    for s in &mut slopes {
        *s = s.max(0.0);
    }
    let mean = slopes.iter().sum::<f64>() / slopes.len() as f64;
    (mean > 0.0).then(|| slopes.into_iter().map(|s| s / mean).collect())
}

/// A load that cold and warm days raise: `base + heating · max(cold − x, 0) + cooling · max(x − warm, 0)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DegreeDays {
    /// Balance points: heated below the first, cooled above the second.
    pub balance: (f64, f64),
    /// Rise per unit below and above them, each at least 0.
    pub slopes: (f64, f64),
    /// Share of the variance that they explain, adjusted for their number.
    pub r2: f64,
}

impl DegreeDays {
    /// What the weather adds at a temperature.
    pub fn kw(&self, x: f64) -> f64 {
        let (cold, warm) = self.balance;
        self.slopes.0 * (cold - x).max(0.0) + self.slopes.1 * (x - warm).max(0.0)
    }
}

/// The lines that explain most by adjusted R², among all balance points from `from` to `to` in steps of `step`,
/// each slope alone and both (CalTRACK 2.0). `None` with fewer than `least` points, or where the weather explains
/// less than `least_r2`.
pub(super) fn degree_days(
    points: &[(f64, f64)],
    (from, to, step): (f64, f64, f64),
    (least, least_r2): (usize, f64),
) -> Option<DegreeDays> {
    if points.len() < least.max(4) || step <= 0.0 {
        return None;
    }
    let steps = ((to - from) / step).max(0.0) as usize;
    let at = |k: usize| from + step * k as f64;
    let mut best: Option<DegreeDays> = None;
    for cold in 0..=steps {
        for warm in cold..=steps {
            for fit in two_lines(points, (at(cold), at(warm))).into_iter().flatten() {
                if best.is_none_or(|b| fit.r2 > b.r2) {
                    best = Some(fit);
                }
            }
        }
    }
    best.filter(|b| b.r2 >= least_r2)
}

/// Heating alone, cooling alone, and both at two balance points, where the slopes are positive.
fn two_lines(points: &[(f64, f64)], balance: (f64, f64)) -> [Option<DegreeDays>; 3] {
    let n = points.len() as f64;
    let x = |p: &(f64, f64)| ((balance.0 - p.0).max(0.0), (p.0 - balance.1).max(0.0));
    let mean = |f: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(f).sum::<f64>() / n;
    let (mh, mc, my) = (mean(&|p| x(p).0), mean(&|p| x(p).1), mean(&|p| p.1));
    let (mut hh, mut cc, mut hc, mut hy, mut cy, mut yy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for p in points {
        let (h, c, y) = (x(p).0 - mh, x(p).1 - mc, p.1 - my);
        hh += h * h;
        cc += c * c;
        hc += h * c;
        hy += h * y;
        cy += c * y;
        yy += y * y;
    }
    let fit = |slopes: (f64, f64), parameters: f64| {
        let explained = slopes.0 * hy + slopes.1 * cy;
        let r2 = 1.0 - (1.0 - explained / yy) * (n - 1.0) / (n - parameters - 1.0);
        let sound = yy > 0.0 && slopes.0 >= 0.0 && slopes.1 >= 0.0 && r2.is_finite();
        sound.then_some(DegreeDays { balance, slopes, r2 })
    };
    let determinant = hh * cc - hc * hc;
    [
        (hh > 0.0).then(|| fit((hy / hh, 0.0), 1.0)).flatten(),
        (cc > 0.0).then(|| fit((0.0, cy / cc), 1.0)).flatten(),
        (determinant > 1e-9 * hh * cc)
            .then(|| fit(((hy * cc - cy * hc) / determinant, (cy * hh - hy * hc) / determinant), 2.0))
            .flatten(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_degree_days_are_found() {
        let noise = |i: usize| ((i * 7919) % 101) as f64 / 101.0 - 0.5;
        let truth = |x: f64| 500.0 + 8.0 * (10.5 - x).max(0.0) + 20.0 * (x - 21.0).max(0.0);
        let points: Vec<(f64, f64)> = (0..300)
            .map(|i| (f64::from(i) * 0.11 - 2.0, i))
            .map(|(x, i)| (x, truth(x) + 10.0 * noise(i as usize)))
            .collect();
        let fit = degree_days(&points, (0.0, 30.0, 1.5), (60, 0.1)).unwrap();
        assert!((fit.balance.0 - 10.5).abs() <= 1.5 && (fit.balance.1 - 21.0).abs() <= 1.5, "{fit:?}");
        assert!((fit.slopes.0 - 8.0).abs() < 0.5 && (fit.slopes.1 - 20.0).abs() < 0.8, "{fit:?}");
        assert!((fit.kw(28.0) - fit.kw(15.0) - 140.0).abs() < 5.0);
        // A heated store in a cold place; the naive search, from 0 °C on, finds a flatter line.
        let cold: Vec<(f64, f64)> =
            (0..300).map(|i| f64::from(i) * 0.15 - 30.0).map(|x| (x, 500.0 + 8.0 * (-9.0 - x).max(0.0))).collect();
        let [low, naive] = [-30.0, 0.0].map(|from| degree_days(&cold, (from, 30.0, 1.5), (60, 0.1)).unwrap());
        assert!((low.balance.0 + 9.0).abs() < 1e-9 && (low.slopes.0 - 8.0).abs() < 1e-9 && low.r2 > 0.999, "{low:?}");
        assert!(naive.r2 < 0.95 && naive.slopes.0 < 6.0, "{naive:?}");
        let none: Vec<(f64, f64)> = points.iter().enumerate().map(|(i, p)| (p.0, 500.0 + noise(i))).collect();
        assert_eq!(degree_days(&none, (0.0, 30.0, 1.5), (60, 0.1)), None, "noise is no weather");
        assert_eq!(degree_days(&points[..50], (0.0, 30.0, 1.5), (60, 0.1)), None);
    }

    #[test]
    fn hours_that_follow_the_weather_are_told_from_those_that_do_not() {
        let noise = |i: usize| ((i * 7919) % 101) as f64 / 101.0 - 0.5;
        let day = |d: usize| -> (f64, Vec<f64>) {
            let t = 12.0 + (d % 20) as f64;
            let more = |s: usize| if (9..18).contains(&s) { 20.0 * (t - 22.0_f64).max(0.0) } else { 0.0 };
            (t, (0..24).map(|s| 300.0 + more(s) + 4.0 * noise(24 * d + s)).collect())
        };
        let days: Vec<(f64, Vec<f64>)> = (0..120).map(day).collect();
        let days: Vec<(f64, &[f64])> = days.iter().map(|d| (d.0, d.1.as_slice())).collect();
        let course = course(&days, 22.0).unwrap();
        let cooled: f64 = course[9..18].iter().sum();
        assert!((cooled - 24.0).abs() < 0.2, "all that rises lies there: {cooled}");
        assert!(course[9..18].iter().all(|c| (c - 24.0 / 9.0).abs() < 0.05), "{course:?}");
        let falling = [(10.0, &[5.0][..]), (30.0, &[4.0][..])];
        assert_eq!(super::course(&falling, 22.0), None);
    }

    #[test]
    fn a_planted_change_point_is_found() {
        let noise = |i: usize| ((i * 7919) % 101) as f64 / 101.0 - 0.5;
        let points: Vec<(f64, f64)> = (0..300)
            .map(|i| f64::from(i) * 0.1 + 5.0)
            .enumerate()
            .map(|(i, x)| (x, 500.0 + 20.0 * (x - 22.0).max(0.0) + 10.0 * noise(i)))
            .collect();
        let fit = change_point(&points, (10.0, 30.0, 0.5), 60).unwrap();
        assert!((fit.balance - 22.0).abs() <= 0.5 && (fit.slope - 20.0).abs() < 0.5, "{fit:?}");
        assert!((fit.base - 500.0).abs() < 2.0 && fit.r2 > 0.98 && fit.t > 50.0);
        let colder: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x - 28.0, *y)).collect();
        let fit = change_point(&colder, (-20.0, 30.0, 0.5), 60).unwrap();
        assert!((fit.balance + 6.0).abs() <= 0.5, "{fit:?}");
        let falling: Vec<(f64, f64)> = points.iter().map(|(x, y)| (*x, -y)).collect();
        assert_eq!(change_point(&falling, (10.0, 30.0, 0.5), 60), None);
        assert_eq!(change_point(&points[..50], (10.0, 30.0, 0.5), 60), None);
    }
}
