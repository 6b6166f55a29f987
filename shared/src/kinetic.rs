//! Mean kinetic temperature: the constant temperature that would have done as much harm as the changing one
//! did (United States Pharmacopeia, general chapter 1079; ICH Q1A). Warm hours count for more than cold ones.

/// ΔH/R in kelvin: 83.144 kJ/mol by 8.3144 J/(mol·K).
const ACTIVATION: f64 = 10_000.0;
/// 0 °C in kelvin.
const ZERO_CELSIUS: f64 = 273.15;

/// The mean kinetic temperature in °C of temperatures in °C, each with how long it lasted. `None` without any,
/// and for temperatures that do not exist.
///
/// ```
/// use tillwatch_shared::kinetic::mean;
/// let week = [2.0, 2.0, 5.0, 8.0, 8.0, 8.0, 8.0];
/// let mean = mean(week.map(|celsius| (celsius, 1.0))).unwrap();
/// assert!((mean - 6.250).abs() < 0.0005, "{mean}");
/// ```
pub fn mean(temperatures: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
    let (mut harm, mut time) = (0.0, 0.0);
    for (celsius, lasted) in temperatures {
        let kelvin = celsius + ZERO_CELSIUS;
        if !(kelvin > 0.0 && lasted > 0.0) {
            return None;
        }
        harm += lasted * (-ACTIVATION / kelvin).exp();
        time += lasted;
    }
    let kelvin = ACTIVATION / -(harm / time).ln();
    kelvin.is_finite().then_some(kelvin - ZERO_CELSIUS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_has_no_mean() {
        assert_eq!(mean([]), None);
        assert_eq!(mean([(-300.0, 1.0)]), None);
        assert_eq!(mean([(f64::NAN, 1.0)]), None);
        assert_eq!(mean([(5.0, 0.0)]), None);
    }

    proptest! {
        #[test]
        fn between_the_mean_and_the_highest(all in prop::collection::vec(-40.0_f64..60.0, 1..50)) {
            let kinetic = mean(all.iter().map(|celsius| (*celsius, 1.0))).unwrap();
            let plain = all.iter().sum::<f64>() / all.len() as f64;
            let highest = all.iter().copied().fold(f64::MIN, f64::max);
            prop_assert!(kinetic > plain - 1e-6 && kinetic < highest + 1e-6, "{} of {:?}", kinetic, all);
        }
    }
}
