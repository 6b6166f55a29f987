//! The routes about what people say of a sensor: calibrations and annotations.

use reqwest::Method;

use super::Client;
use super::routes::Answer;
use crate::api::{
    Annotation, AnnotationWithdrawal, Calibration, CalibrationWithdrawal, NewAnnotation, NewCalibration,
};
use crate::ids::AnnotationId;
use crate::{CommandId, SensorId, UtcMicros};

impl Client {
    /// A sensor's calibrations, oldest first.
    pub async fn calibrations(&self, sensor: &SensorId) -> Answer<Vec<Calibration>> {
        self.get(&["api", "v1", "sensors", &sensor.to_string(), "calibrations"], Vec::new()).await
    }

    pub async fn set_calibration(
        &self,
        command: CommandId,
        sensor: &SensorId,
        body: &NewCalibration,
    ) -> Answer<Calibration> {
        let path = ["api", "v1", "sensors", &sensor.to_string(), "calibrations"];
        self.command(Method::POST, &path, command, body).await
    }

    pub async fn withdraw_calibration(
        &self,
        command: CommandId,
        sensor: &SensorId,
        body: &CalibrationWithdrawal,
    ) -> Answer<Calibration> {
        let path = ["api", "v1", "sensors", &sensor.to_string(), "calibrations", "withdrawal"];
        self.command(Method::POST, &path, command, body).await
    }

    /// What was noted about a time of a sensor, oldest first; without a range the newest of all.
    pub async fn annotations(
        &self,
        sensor: &SensorId,
        range: Option<(UtcMicros, UtcMicros)>,
    ) -> Answer<Vec<Annotation>> {
        let query = range.map(|(from, to)| vec![("from", from.to_string()), ("to", to.to_string())]);
        let path = ["api", "v1", "sensors", &sensor.to_string(), "annotations"];
        self.get(&path, query.unwrap_or_default()).await
    }

    pub async fn annotate(
        &self,
        command: CommandId,
        sensor: &SensorId,
        body: &NewAnnotation,
    ) -> Answer<Annotation> {
        let path = ["api", "v1", "sensors", &sensor.to_string(), "annotations"];
        self.command(Method::POST, &path, command, body).await
    }

    pub async fn withdraw_annotation(
        &self,
        command: CommandId,
        id: AnnotationId,
        body: &AnnotationWithdrawal,
    ) -> Answer<Annotation> {
        let path = ["api", "v1", "annotations", &id.to_string(), "withdrawal"];
        self.command(Method::POST, &path, command, body).await
    }
}
