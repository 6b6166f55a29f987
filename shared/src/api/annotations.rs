//! Annotations: what a person knows about a time of a sensor, such as that the fridge was defrosted.

use serde::{Deserialize, Serialize};

use super::wire;
use crate::ids::AnnotationId;
use crate::{PersonId, SensorId, StoreId, UtcMicros};

wire! {
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "lowercase")]
    pub enum AnnotationKind {
        Defrost,
        Cleaning,
        /// The door was open.
        Door,
        /// As its text says.
        Other,
    }

    pub struct Annotation {
        pub id: AnnotationId,
        pub sensor_id: SensorId,
        pub sensor_name: String,
        pub store_id: StoreId,
        pub kind: AnnotationKind,
        pub from: UtcMicros,
        /// The same as `from` for a moment.
        pub to: UtcMicros,
        pub text: Option<String>,
        pub person_id: PersonId,
        pub person_name: String,
        pub noted_at: UtcMicros,
        /// Why it was withdrawn, in the event that tells so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub withdrawn_because: Option<String>,
    }

    #[serde(deny_unknown_fields)]
    pub struct NewAnnotation {
        pub kind: AnnotationKind,
        pub from: UtcMicros,
        /// Not before `from`, and at most 31 days after it; absent: it is about a moment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<UtcMicros>,
        /// Needed for the kind `other`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(max_length = 500))]
        pub text: Option<String>,
    }

    #[derive(Eq)]
    #[serde(deny_unknown_fields)]
    pub struct AnnotationWithdrawal {
        #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 500))]
        pub reason: String,
    }
}
