//! The text that Nix hands to the builder.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| nix2aci_fuzz::attrs(bytes));
