//! Which sensor an id means. `5` and `"5"` are one sensor, by its text.

use std::collections::HashMap;

use tillwatch_shared::SensorId;
use tillwatch_shared::compact::acceptable;

/// From ids to the numbers that the engine gave them.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_number: HashMap<i64, u32>,
    by_text: HashMap<Box<str>, u32>,
}

impl Names {
    pub fn find(&self, id: &SensorId) -> Option<u32> {
        match id {
            SensorId::Number(number) => self.by_number.get(number),
            SensorId::Text(text) => match usual_number(text) {
                Some(number) => self.by_number.get(&number),
                None => self.by_text.get(text.as_str()),
            },
        }
        .copied()
    }

    pub fn insert(&mut self, id: &SensorId, number: u32) {
        match id {
            SensorId::Number(long) => self.by_number.insert(*long, number),
            SensorId::Text(text) => match usual_number(text) {
                Some(long) => self.by_number.insert(long, number),
                None => self.by_text.insert(text.as_str().into(), number),
            },
        };
    }
}

/// Whether an id may name a sensor.
pub(super) fn acceptable_id(id: &SensorId) -> bool {
    match id {
        SensorId::Number(_) => true,
        SensorId::Text(text) => acceptable(text),
    }
}

/// The whole number that a text writes in its usual form: `12`, not `012` or `+12`.
fn usual_number(text: &str) -> Option<i64> {
    let starts_like_one = text.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || byte == b'-');
    if !starts_like_one {
        return None;
    }
    text.parse::<i64>().ok().filter(|number| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::Names;
    use tillwatch_shared::SensorId;

    #[test]
    fn a_number_and_its_text_are_one() {
        let mut names = Names::default();
        names.insert(&SensorId::Text("5".into()), 1);
        names.insert(&SensorId::Text("05".into()), 2);
        names.insert(&SensorId::Number(-7), 3);
        assert_eq!(names.find(&SensorId::Number(5)), Some(1));
        assert_eq!(names.find(&SensorId::Text("05".into())), Some(2));
        assert_eq!(names.find(&SensorId::Text("-7".into())), Some(3));
        assert_eq!(names.find(&SensorId::Text("+5".into())), None);
    }
}
