//! Arithmetic on vectors that every provider shares.

/// The vector of unit length in the same direction; `None` when there is none, because the
/// vector is zero or has a number that is not finite.
pub(crate) fn unit(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    // Doubles, so that the squares of large single-precision numbers stay finite.
    let square: f64 = vector.iter().map(|value| f64::from(*value).powi(2)).sum();
    if !square.is_finite() || square == 0.0 {
        return None;
    }
    let length = square.sqrt();
    for value in &mut vector {
        *value = (f64::from(*value) / length) as f32;
    }
    Some(vector)
}

/// Adds `weight` times `vector` to `sum`, which starts empty.
pub(crate) fn add(sum: &mut Vec<f32>, vector: &[f32], weight: f32) {
    sum.resize(vector.len(), 0.0);
    for (total, value) in sum.iter_mut().zip(vector) {
        *total += weight * value;
    }
}

#[cfg(test)]
mod tests {
    use super::{add, unit};

    #[test]
    fn a_vector_keeps_its_direction() {
        assert_eq!(unit(vec![3.0, -4.0]), Some(vec![0.6, -0.8]));
        let large = unit(vec![f32::MAX, 0.0]);
        assert_eq!(large, Some(vec![1.0, 0.0]));
    }

    #[test]
    fn no_direction_is_no_vector() {
        assert_eq!(unit(vec![0.0, 0.0]), None);
        assert_eq!(unit(vec![]), None);
        assert_eq!(unit(vec![f32::NAN, 1.0]), None);
        assert_eq!(unit(vec![f32::INFINITY, 1.0]), None);
    }

    #[test]
    fn sums_are_weighted() {
        let mut sum = Vec::new();
        add(&mut sum, &[1.0, 2.0], 1.0);
        add(&mut sum, &[1.0, 0.0], 3.0);
        assert_eq!(sum, [4.0, 2.0]);
    }
}
