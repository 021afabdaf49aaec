//! Faces: the forms that one plan can take.

pub mod aci;
pub mod oci;
pub mod postprocess;
pub mod thin;
