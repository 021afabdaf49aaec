//! Packages of any shape on disk, and a description that takes them.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| nix2aci_fuzz::tree(bytes));
