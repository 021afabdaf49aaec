use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use libdeflater::CompressionLvl;
use liblzma::read::XzDecoder;
use proptest::prelude::*;
use sha2::{Digest, Sha512};

use super::block::{BLOCK, ROOM};
use super::{Compressor, Pool, Summary};
use crate::input::compression::Compression;

const THREADS: [usize; 5] = [1, 2, 3, 7, 16];

fn methods() -> [Compression; 4] {
    [
        Compression::Gzip(1),
        Compression::Zstd(1),
        Compression::Xz(0),
        Compression::None,
    ]
}

fn compressor<W: Write + Send + 'static>(
    method: Compression,
    threads: usize,
    out: W,
) -> Compressor<W> {
    let pool = Pool::start(method, NonZeroUsize::new(threads).unwrap(), 1).unwrap();
    Compressor::new(&pool, out).unwrap()
}

fn compress(method: Compression, threads: usize, input: &[u8]) -> (Vec<u8>, Summary) {
    let mut compressor = compressor(method, threads, Vec::new());
    compressor.write_all(input).unwrap();
    compressor.finish().unwrap()
}

fn decompress(method: Compression, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if method == Compression::None {
        out.extend_from_slice(bytes);
    } else if bytes.starts_with(b"\x1f\x8b") {
        MultiGzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    } else if bytes.starts_with(b"\x28\xb5\x2f\xfd") {
        out = zstd::decode_all(bytes).unwrap();
    } else {
        XzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    }
    out
}

/// Text-like at the even blocks, noise at the odd ones.
fn sample(len: usize) -> Vec<u8> {
    let mut state = 1_u32;
    (0..len)
        .map(|at| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = state.to_be_bytes()[0];
            if (at / BLOCK).is_multiple_of(2) {
                noise & 3
            } else {
                noise
            }
        })
        .collect()
}

#[test]
fn what_comes_out_is_what_went_in() {
    for method in methods() {
        for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 5 * BLOCK + 7] {
            let input = sample(len);
            let (first, summary) = compress(method, 1, &input);
            assert!(
                decompress(method, &first) == input,
                "{method:?}, {len} bytes"
            );
            assert_eq!(summary.uncompressed, len as u64);
            assert_eq!(summary.compressed, first.len() as u64);
            assert_eq!(summary.digest, Sha512::digest(&input));
            for threads in THREADS {
                let (bytes, same) = compress(method, threads, &input);
                assert!(bytes == first, "{method:?}, {len} bytes, {threads} threads");
                assert_eq!(same, summary);
            }
        }
    }
}

#[test]
fn a_member_has_no_time_and_no_name() {
    let (bytes, _) = compress(Compression::Gzip(5), 1, b"x");
    // RFC 1952, section 2.3: magic, deflate, no flags, no time, no extra flags, operating system unknown.
    assert_eq!(bytes[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
}

#[test]
fn a_buffer_has_room_for_a_block_that_does_not_compress() {
    for level in CompressionLvl::iter() {
        assert!(libdeflater::Compressor::new(level).gzip_compress_bound(BLOCK) <= ROOM);
    }
    assert!(zstd::zstd_safe::compress_bound(BLOCK) <= ROOM);
}

/// Nix would take a hash part that a compressor left as it stands for a reference.
#[test]
fn no_hash_part_is_left_as_it_stands() {
    const HASH: &[u8] = b"296cd2xlaw42d40kcvwl4zh79k1n19bf";
    let noise = sample(2 * BLOCK).split_off(BLOCK);
    let shows = |bytes: &[u8]| bytes.windows(HASH.len()).any(|window| window == HASH);
    let naive = [&noise[..], HASH].concat();
    assert!(
        shows(&zstd::bulk::compress(&naive, 6).unwrap()),
        "what this is about"
    );
    for (every, len) in [
        (1 << 20, 40),
        (1 << 20, BLOCK),
        (40_000, BLOCK),
        (500, BLOCK),
        (100, 4096),
    ] {
        let mut input = noise[..len].to_vec();
        for at in (7..len - HASH.len()).step_by(every) {
            input[at..at + HASH.len()].copy_from_slice(HASH);
        }
        input.extend_from_slice(HASH);
        for level in [1, 6, 9] {
            for method in [Compression::Gzip(level), Compression::Zstd(level)] {
                let (bytes, _) = compress(method, 1, &input);
                assert!(!shows(&bytes), "{method:?}, every {every} of {len}");
                assert!(decompress(method, &bytes) == input);
                assert!(compress(method, 3, &input).0 == bytes);
                assert!(bytes.len() < 2 * len + 200, "{} from {len}", bytes.len());
            }
        }
    }
}

/// Takes so many bytes, then has no space left; panics instead when told to. Hangs up when it is dropped.
struct Disk {
    space: usize,
    flushes: bool,
    panics: bool,
    _line: Option<Sender<()>>,
}

impl Disk {
    fn with_space(space: usize) -> Self {
        Self {
            space,
            flushes: true,
            panics: false,
            _line: None,
        }
    }
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.space == 0 {
            assert!(!self.panics, "the disk burns");
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.space);
        self.space -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.flushes {
            Ok(())
        } else {
            Err(io::ErrorKind::StorageFull.into())
        }
    }
}

#[test]
fn a_full_disk_is_reported_by_write_or_finish() {
    let input = sample(40 * BLOCK);
    for method in methods() {
        for threads in [1, 2, 7] {
            for space in [0, 1, BLOCK] {
                let mut compressor = compressor(method, threads, Disk::with_space(space));
                let written = compressor.write_all(&input);
                if let Err(error) = &written {
                    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
                }
                let error = compressor.finish().map(|_| ()).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{method:?}");
            }
        }
    }
}

#[test]
fn an_endless_stream_stops_at_a_full_disk() {
    let input = sample(BLOCK);
    for method in [Compression::Gzip(1), Compression::None] {
        let mut compressor = compressor(method, 3, Disk::with_space(3 * BLOCK));
        let error = loop {
            if let Err(error) = compressor.write_all(&input) {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}

#[test]
fn a_failing_flush_is_reported_by_finish() {
    for method in methods() {
        for threads in [1, 2] {
            let disk = Disk {
                flushes: false,
                ..Disk::with_space(usize::MAX)
            };
            let mut compressor = compressor(method, threads, disk);
            compressor.write_all(b"x").unwrap();
            let error = compressor.finish().map(|_| ()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        }
    }
}

#[test]
fn a_panic_of_the_output_is_an_error() {
    for method in methods() {
        let disk = Disk {
            panics: true,
            ..Disk::with_space(0)
        };
        let mut compressor = compressor(method, 2, disk);
        let _ = compressor.write_all(&sample(BLOCK));
        let error = match compressor.finish() {
            Ok(_) => panic!("{method:?} wrote to a burning disk"),
            Err(error) => error.to_string(),
        };
        assert!(error.contains("the disk burns"), "{error}");
    }
}

#[test]
fn dropping_without_finish_ends_the_threads() {
    let input = sample(5 * BLOCK);
    for method in methods() {
        for threads in THREADS {
            let (line, end) = channel();
            let disk = Disk {
                _line: Some(line),
                ..Disk::with_space(usize::MAX)
            };
            let mut compressor = compressor(method, threads, disk);
            compressor.write_all(&input).unwrap();
            drop(compressor);
            let gone = end.recv_timeout(Duration::from_secs(60));
            assert_eq!(gone, Err(RecvTimeoutError::Disconnected));
        }
    }
}

/// Compresses these inputs side by side in one pool, a piece of each in turn.
fn compress_together(method: Compression, inputs: &[Vec<u8>]) -> Vec<(Vec<u8>, Summary)> {
    let pool = Pool::start(method, NonZeroUsize::new(3).unwrap(), inputs.len()).unwrap();
    let mut streams: Vec<(Compressor<Vec<u8>>, &[u8])> = inputs
        .iter()
        .map(|input| (Compressor::new(&pool, Vec::new()).unwrap(), &**input))
        .collect();
    while streams.iter().any(|(_, left)| !left.is_empty()) {
        for (compressor, left) in &mut streams {
            let (piece, rest) = left.split_at(left.len().min(BLOCK / 3));
            compressor.write_all(piece).unwrap();
            *left = rest;
        }
    }
    let finish = |(compressor, _): (Compressor<_>, _)| compressor.finish().unwrap();
    streams.into_iter().map(finish).collect()
}

#[test]
fn streams_of_one_pool_do_not_show() {
    for method in methods() {
        let inputs: Vec<Vec<u8>> = [0, 1, 3, 2, 9]
            .map(|count| sample(count * BLOCK + count))
            .into();
        let alone = inputs.iter().map(|input| compress(method, 1, input));
        let alone: Vec<_> = alone.collect();
        assert!(compress_together(method, &inputs) == alone, "{method:?}");
    }
}

#[test]
fn a_failure_stops_one_stream_alone() {
    let input = sample(40 * BLOCK);
    let pool = Pool::start(Compression::Gzip(1), NonZeroUsize::new(2).unwrap(), 2).unwrap();
    let mut whole = Compressor::<_, Sha512>::new(&pool, Vec::new()).unwrap();
    whole.write_all(&input).unwrap();
    for panics in [false, true] {
        let disk = Disk {
            panics,
            ..Disk::with_space(1)
        };
        let mut failing = Compressor::<_, Sha512>::new(&pool, disk).unwrap();
        let _ = failing.write_all(&input);
        assert!(failing.finish().is_err());
    }
    let (bytes, _) = whole.finish().unwrap();
    assert!(decompress(Compression::Gzip(1), &bytes) == input);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn slicing_and_threads_do_not_show(
        len in 0..4 * BLOCK,
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        threads in 1_usize..=16,
        method in 0_usize..3,
    ) {
        let input = sample(len);
        let method = methods()[method];
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(len + 1)).collect();
        cuts.sort_unstable();
        let mut compressor = compressor(method, threads, Vec::new());
        let mut from = 0;
        for to in cuts.into_iter().chain([len]) {
            compressor.write_all(&input[from..to]).unwrap();
            compressor.flush().unwrap();
            from = to;
        }
        prop_assert!(compressor.finish().unwrap() == compress(method, 1, &input));
    }
}

/// Caches of blobs outlive the program that filled them. When this changes, `FORMAT` is to be raised.
#[test]
fn bytes_are_those_of_this_format() {
    let told = methods().into_iter().map(|method| {
        let (bytes, _) = compress(method, 1, &sample(2 * BLOCK + 7));
        let hash = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(bytes));
        format!("{method:?} {}\n", &hash[..16])
    });
    let told = format!("{}\n{}", super::version(), told.collect::<String>());
    expect_test::expect![[r#"
        format 1, blocks of 524288, version = "1.26.1", version = "0.4.9", version = "2.1.3+zstd.1.5.7"
        Gzip(1) b2a814b58fc6f69b
        Zstd(1) 2d3d655de7695ba1
        Xz(0) 08b8d59b20e61862
        None 23a09eae4661656a
    "#]].assert_eq(&told);
}
