//! The text of an image image.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| nix2aci_fuzz::image(bytes));
