//! Entries in any order, as an archive takes or refuses them.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| nix2aci_fuzz::archive(bytes));
