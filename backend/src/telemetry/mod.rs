//! Sensor history.
