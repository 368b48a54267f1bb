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

#[cfg(test)]
mod tests {
    use super::*;

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
        let falling: Vec<(f64, f64)> = points.iter().map(|(x, y)| (*x, -y)).collect();
        assert_eq!(change_point(&falling, (10.0, 30.0, 0.5), 60), None);
        assert_eq!(change_point(&points[..50], (10.0, 30.0, 0.5), 60), None);
    }
}
