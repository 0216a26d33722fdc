//! The faults of data files, by their numbers in the project's list.

use sparsec_data::formats::{csv, npy, npz};
use sparsec_data::{Array, Error, Kind, Place, literal, read};
use std::io::Write;

/// An npy file of the version with the header's text as given and then the data.
fn npy_with(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
    let mut out = b"\x93NUMPY".to_vec();
    out.extend_from_slice(&[version, 0]);
    if version == 1 {
        out.extend_from_slice(&(header.len() as u16).to_le_bytes());
    } else {
        out.extend_from_slice(&(header.len() as u32).to_le_bytes());
    }
    out.extend_from_slice(header.as_bytes());
    out.extend_from_slice(data);
    out
}

fn npy_of(descr: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}");
    npy_with(1, &header, data)
}

fn f64s(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// One deflated member with sizes and checksum as given, or as they are.
fn zip_with(name: &str, body: &[u8], method: u16, unpacked: Option<u32>, crc: Option<u32>) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).unwrap();
    let packed = if method == 0 { body.to_vec() } else { encoder.finish().unwrap() };
    let mut sum = flate2::Crc::new();
    sum.update(body);
    let crc = crc.unwrap_or(sum.sum());
    let unpacked = unpacked.unwrap_or(body.len() as u32);
    let mut common = Vec::new();
    for half in [20u16, 0, method, 0, 0x21] {
        common.extend_from_slice(&half.to_le_bytes());
    }
    for word in [crc, packed.len() as u32, unpacked] {
        common.extend_from_slice(&word.to_le_bytes());
    }
    common.extend_from_slice(&(name.len() as u16).to_le_bytes());
    common.extend_from_slice(&[0, 0]);
    let mut out = b"PK\x03\x04".to_vec();
    out.extend_from_slice(&common);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(&packed);
    let at = out.len() as u32;
    let mut central = b"PK\x01\x02\x14\0".to_vec();
    central.extend_from_slice(&common);
    central.extend_from_slice(&[0; 14]);
    central.truncate(42);
    central.extend_from_slice(&0u32.to_le_bytes());
    central.extend_from_slice(name.as_bytes());
    out.extend_from_slice(&central);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend_from_slice(&(central.len() as u32).to_le_bytes());
    out.extend_from_slice(&at.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

/// The error, and no more memory than 1 MiB on the way to it.
fn refused(f: impl Fn() -> Result<Array, Error>) -> Error {
    let mut error = None;
    let used = allocation_counter::measure(|| error = f().err());
    assert!(used.bytes_max < 1 << 20, "{} bytes were asked for", used.bytes_max);
    error.expect("must be refused")
}

// Fault 51.
#[test]
fn an_npy_header_that_claims_too_much_asks_for_no_memory() {
    let file = npy_of("<f8", "False", "(100000000,)", &[0; 64]);
    let e = refused(|| npy::read(&file));
    assert_eq!(e.kind, Kind::Truncated);
    assert!(e.message.contains("800000000 bytes") && e.message.contains("64 are there"), "{e}");
    let file = npy_of("<f8", "False", "(1000000, 1000000)", &[0; 64]);
    assert_eq!(refused(|| npy::read(&file)).kind, Kind::TooLarge);
}

// Fault 52.
#[test]
fn an_npy_shape_beyond_the_limits_is_refused() {
    for shape in ["(8589934592, 8589934592)", "(18446744073709551615, 2)", "(99999999999999999999999,)"] {
        let file = npy_of("<f8", "False", shape, &[0; 64]);
        assert_eq!(refused(|| npy::read(&file)).kind, Kind::TooLarge, "{shape}");
    }
    let file = npy_of("<f8", "False", "(1, 1, 1, 1, 1, 1, 1, 1, 1)", &[0; 8]);
    assert_eq!(refused(|| npy::read(&file)).kind, Kind::TooLarge);
}

// Fault 53.
#[test]
fn an_npy_header_length_beyond_the_limit_is_refused() {
    let mut file = b"\x93NUMPY\x02\0".to_vec();
    file.extend_from_slice(&0xFFFF_FFF0u32.to_le_bytes());
    let e = refused(|| npy::read(&file));
    assert_eq!(e.kind, Kind::TooLarge);
    assert!(e.message.contains("4294967280") && e.message.contains("65536"), "{e}");
}

// Fault 54.
#[test]
fn a_file_cut_anywhere_is_refused() {
    let array = Array::new(vec![2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
    let whole = npy::write(&array);
    assert_eq!(npy::read(&whole).unwrap(), array);
    for cut in 0..whole.len() {
        let e = npy::read(&whole[..cut]).expect_err("a cut file must be refused");
        assert!(matches!(e.kind, Kind::Truncated | Kind::Empty), "{cut}: {e}");
    }
    let packed = zip_with("a.npy", &whole, 8, None, None);
    assert_eq!(npz::read(&packed, None).unwrap(), array);
    for cut in 0..packed.len() {
        npz::read(&packed[..cut], None).expect_err("a cut file must be refused");
    }
}

// Fault 55.
#[test]
fn bytes_after_the_data_of_an_npy_file_are_refused() {
    let mut file = npy_of("<f8", "False", "(2,)", &f64s(&[1.0, 2.0]));
    file.extend_from_slice(&[0; 3]);
    let e = npy::read(&file).unwrap_err();
    assert_eq!(e.kind, Kind::Malformed);
    assert!(e.message.contains("3 bytes follow"), "{e}");
}

// Fault 56.
#[test]
fn npy_numbers_are_read_in_the_byte_order_they_state() {
    let data: Vec<u8> = [1.5f64, -2.0].iter().flat_map(|v| v.to_be_bytes()).collect();
    assert_eq!(npy::read(&npy_of(">f8", "False", "(2,)", &data)).unwrap().data, [1.5, -2.0]);
    assert_eq!(npy::read(&npy_of(">i2", "False", "(1,)", &[0x01, 0x02])).unwrap().data, [258.0]);
    assert!(npy::read(&npy_of("|f8", "False", "(2,)", &data)).is_err());
}

// Fault 57.
#[test]
fn fortran_order_is_read_as_the_same_array() {
    let c = npy::read(&npy_of("<f8", "False", "(2, 3)", &f64s(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))).unwrap();
    let f = npy::read(&npy_of("<f8", "True", "(2, 3)", &f64s(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]))).unwrap();
    assert_eq!(c, f);
    let c: Vec<f64> = (0..24).map(f64::from).collect();
    let mut fortran = vec![0.0; 24];
    for (i, v) in c.iter().enumerate() {
        let (a, b, d) = (i / 12, i / 4 % 3, i % 4);
        fortran[a + 2 * b + 6 * d] = *v;
    }
    assert_eq!(npy::read(&npy_of("<f8", "True", "(2, 3, 4)", &f64s(&fortran))).unwrap().data, c);
    assert_eq!(npy::read(&npy_of("<f8", "True", "(2,)", &f64s(&[1.0, 2.0]))).unwrap().data, [1.0, 2.0]);
}

// Fault 58.
#[test]
fn pickles_and_what_is_not_a_number_are_refused() {
    let object = npy_of("|O", "False", "(1,)", b"\x80\x04K\x01.");
    let e = npy::read(&object).unwrap_err();
    assert_eq!(e.kind, Kind::Unsupported);
    assert!(e.message.contains("refused"), "{e}");
    let e = read(b"\x80\x04K\x01.", Some("npy"), None).unwrap_err();
    assert!(e.message.contains("refused"), "{e}");
    for descr in ["|O8", "<U3", "|S4", "<M8[ns]", "|V16"] {
        assert_eq!(
            npy::read(&npy_of(descr, "False", "(1,)", &[0; 16])).unwrap_err().kind,
            Kind::Unsupported,
            "{descr}"
        );
    }
    let structure = npy_with(1, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", &[0; 8]);
    assert_eq!(npy::read(&structure).unwrap_err().kind, Kind::Unsupported);
}

// Fault 59.
#[test]
fn every_npy_number_type_is_read_exactly_or_refused() {
    let one = |descr: &str, data: &[u8]| npy::read(&npy_of(descr, "False", "(1,)", data)).map(|a| a.data[0]);
    assert_eq!(one("<f4", &1.5f32.to_le_bytes()).unwrap(), 1.5);
    assert_eq!(one("<f2", &0x3C00u16.to_le_bytes()).unwrap(), 1.0);
    assert_eq!(one("<f2", &0xC100u16.to_le_bytes()).unwrap(), -2.5);
    assert_eq!(one("<f2", &0x0001u16.to_le_bytes()).unwrap(), 2f64.powi(-24));
    assert_eq!(one("<f2", &0x7C00u16.to_le_bytes()).unwrap(), f64::INFINITY);
    assert!(one("<f2", &0x7E00u16.to_le_bytes()).unwrap().is_nan());
    assert_eq!(one("|i1", &[0xFF]).unwrap(), -1.0);
    assert_eq!(one("|u1", &[0xFF]).unwrap(), 255.0);
    assert_eq!(one("<i4", &(-7i32).to_le_bytes()).unwrap(), -7.0);
    assert_eq!(one("<i8", &(-(1i64 << 53)).to_le_bytes()).unwrap(), -(2f64.powi(53)));
    assert_eq!(one("<u8", &(1u64 << 53).to_le_bytes()).unwrap(), 2f64.powi(53));
    assert_eq!(one("|b1", &[1]).unwrap(), 1.0);
    assert!(one("|b1", &[2]).is_err());
    for (descr, data) in [("<i8", ((1i64 << 53) + 1).to_le_bytes()), ("<u8", u64::MAX.to_le_bytes())] {
        let e = one(descr, &data).unwrap_err();
        assert!(e.message.contains("2^53") && e.message.contains("entry 0"), "{e}");
    }
    assert!(one("<c16", &[0; 16]).unwrap_err().message.contains("complex"));
    assert!(one("<f16", &[0; 16]).is_err());
}

// Fault 60.
#[test]
fn npy_shapes_are_kept_as_the_header_gives_them() {
    assert_eq!(npy::read(&npy_of("<f8", "False", "()", &f64s(&[3.0]))).unwrap(), Array::scalar(3.0));
    assert_eq!(npy::read(&npy_of("<f8", "False", "(1,)", &f64s(&[3.0]))).unwrap().shape, [1]);
    assert_eq!(npy::read(&npy_of("<f8", "False", "(1, 1, 2)", &f64s(&[3.0, 4.0]))).unwrap().shape, [1, 1, 2]);
}

// Fault 61.
#[test]
fn npy_headers_in_any_spelling_are_read_and_faulty_ones_refused() {
    let data = f64s(&[1.0, 2.0]);
    for header in [
        "{'shape': (2,), 'fortran_order': False, 'descr': '<f8'}",
        "  {  'shape' : ( 2 , ) ,'fortran_order':False , \"descr\" : \"<f8\" , }   \n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2L,), }",
    ] {
        for version in [1, 2, 3] {
            assert_eq!(npy::read(&npy_with(version, header, &data)).unwrap().data, [1.0, 2.0], "{header}");
        }
    }
    for header in [
        "{'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f8', 'shape': (2,)}",
        "{'descr': '<f8', 'fortran_order': False}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'extra': 1}",
        "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f8, 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)",
        "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (2,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} x",
        "",
        "'",
    ] {
        npy::read(&npy_with(1, header, &data)).expect_err(header);
    }
    assert!(npy::read(&npy_with(4, "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", &data)).is_err());
}

// Fault 62.
#[test]
fn a_zip_bomb_or_false_size_is_refused_in_little_memory() {
    // 64 MiB of zeros behind a header that asks for one number.
    let mut bomb = npy_of("<f8", "False", "(1,)", &[]);
    bomb.resize(bomb.len() + (64 << 20), 0);
    let e = {
        let file = zip_with("x.npy", &bomb, 8, None, None);
        assert!(file.len() < 1 << 20);
        refused(|| npz::read(&file, None))
    };
    assert_eq!(e.kind, Kind::Malformed);
    // The container's size is a lie, either way.
    let honest = npy_of("<f8", "False", "(2,)", &f64s(&[1.0, 2.0]));
    for lie in [0, honest.len() as u32 - 1, honest.len() as u32 + 1, u32::MAX - 1] {
        let file = zip_with("x.npy", &honest, 8, Some(lie), None);
        refused(|| npz::read(&file, None));
    }
    // The container agrees with a header that asks for more than there is.
    let short = npy_of("<f8", "False", "(100000000,)", &f64s(&[1.0, 2.0]));
    let claimed = short.len() as u32 - 16 + 800_000_000;
    let file = zip_with("x.npy", &short, 8, Some(claimed), None);
    assert_eq!(refused(|| npz::read(&file, None)).kind, Kind::Truncated);
}

// Fault 63.
#[test]
fn npz_keys_are_only_names_and_a_wrong_one_lists_the_members() {
    let (a, b) = (Array::scalar(1.0), Array::vector(vec![2.0]));
    let file = npz::write(&[("a", &a), ("../../etc/x", &b)]).unwrap();
    assert_eq!(npz::keys(&file).unwrap(), ["a", "../../etc/x"]);
    assert_eq!(npz::read(&file, Some("a")).unwrap(), a);
    assert_eq!(npz::read(&file, Some("../../etc/x")).unwrap(), b);
    let e = npz::read(&file, Some("c")).unwrap_err();
    assert_eq!(e.kind, Kind::Member);
    assert!(e.message.contains("'a'") && e.message.contains("'../../etc/x'"), "{e}");
    assert_eq!(npz::read(&file, None).unwrap_err().kind, Kind::Member);
}

// Fault 64.
#[test]
fn damaged_or_unsupported_zip_members_are_refused_without_a_panic() {
    let body = npy_of("<f8", "False", "(2,)", &f64s(&[1.0, 2.0]));
    for method in [0, 8] {
        let e = npz::read(&zip_with("x.npy", &body, method, None, Some(7)), None).unwrap_err();
        assert!(e.message.contains("checksum"), "{e}");
    }
    let e = npz::read(&zip_with("x.npy", &body, 93, None, None), None).unwrap_err();
    assert_eq!(e.kind, Kind::Unsupported);
    let whole = zip_with("x.npy", &body, 8, None, None);
    npz::read(&whole[..whole.len() - 30], None).unwrap_err();
    // Every byte of the directory and the headers changed, one at a time.
    for at in 0..whole.len() {
        let mut file = whole.clone();
        file[at] ^= 0xFF;
        let _ = npz::read(&file, None);
    }
}

// Fault 65.
#[test]
fn a_csv_row_of_another_length_is_named_by_its_line() {
    let e = csv::read(b"1,2\n3,4\n5\n").unwrap_err();
    assert_eq!(e.place, Some(Place::Line(3)));
    assert_eq!(e.to_string(), "line 3: 1 cells, but the rows before have 2");
    assert_eq!(csv::read(b"a,b\n\n1,2\n3,4,5\n").unwrap_err().place, Some(Place::Line(4)));
}

// Fault 66.
#[test]
fn csv_is_read_in_every_dialect_and_bad_cells_are_named() {
    let want = Array::new(vec![2, 2], vec![1.0, 2.0, 3.0, 4.5]).unwrap();
    for text in [
        "1,2\n3,4.5\n",
        "a,b\n1,2\n3,4.5",
        "\u{feff}a,b\r\n1,2\r\n3,4.5\r\n\r\n",
        "\u{feff}1,2\r\n3,4.5",
        "1;2\n3;4.5\n",
        "1\t2\n3\t4.5\n",
        "# of savetxt\n1 2\n 3  4.5 \n\n",
        "1,2\r3,4.5\r",
        "\"x, left\",\"y\"\n \"1\" , 2\n3,4.5",
    ] {
        assert_eq!(csv::read(text.as_bytes()).unwrap(), want, "{text:?}");
    }
    assert_eq!(csv::read(b"y\n1\n-2e3\ninf\n").unwrap().shape, [3]);
    for (text, line, cell) in [
        ("1,2\n3,\n", 2, 2),
        ("1,2,\n3,4,\n", 1, 3),
        ("1,2\nNA,4\n", 2, 1),
        ("1,NA\n", 1, 2),
        ("1,2\n3,4x\n", 2, 2),
        ("1,2\n3,\"4\n", 2, 2),
        ("1,1e999\n", 1, 2),
        ("1\t2\t\n", 1, 3),
    ] {
        assert_eq!(csv::read(text.as_bytes()).unwrap_err().place, Some(Place::Cell(line, cell)), "{text:?}");
    }
    assert!(csv::read(b"1,\xff\n").is_err());
}

// Fault 67.
#[test]
fn csv_cells_and_rows_beyond_the_limits_are_refused() {
    let mut cell = b"1,".to_vec();
    cell.resize(100 << 20, b'7');
    let e = refused(|| csv::read(&cell));
    assert_eq!(e.kind, Kind::TooLarge);
    drop(cell);
    let wide = b"1,".repeat(10_000_000);
    let mut error = None;
    let used = allocation_counter::measure(|| error = csv::read(&wide).err());
    assert_eq!(error.map(|e| e.kind), Some(Kind::TooLarge));
    assert!(used.bytes_max <= 32 << 20);
}

// Fault 68.
#[test]
fn csv_without_rows_is_refused() {
    for text in ["a,b\n", "\n\n", "# nothing\n", " ", "\u{feff}"] {
        let e = csv::read(text.as_bytes()).unwrap_err();
        assert!(e.kind == Kind::Empty && e.message.contains("no rows"), "{text:?}: {e}");
    }
}

// Fault 76.
#[test]
fn an_empty_file_is_refused_in_every_format() {
    for format in sparsec_data::FORMATS {
        let e = (format.read)(b"", None).unwrap_err();
        assert!(e.kind == Kind::Empty && e.message.contains("empty"), "{}: {e}", format.name);
        for extension in format.extensions {
            assert_eq!(read(b"", Some(extension), None).unwrap_err().kind, Kind::Empty);
        }
    }
}

// Fault 77.
#[test]
fn content_that_is_not_what_the_extension_says_is_refused() {
    let array = Array::vector(vec![1.0]);
    let (npy, npz) = (npy::write(&array), npz::write(&[("a", &array)]).unwrap());
    for (bytes, extension, other) in [
        (&npy, "npz", "npy"),
        (&npz, "npy", "npz"),
        (&npy, "csv", "npy"),
        (&npz, "csv", "npz"),
        (&b"1,2\n".to_vec(), "npy", "text"),
    ] {
        let e = read(bytes, Some(extension), None).unwrap_err();
        assert_eq!(e.kind, Kind::WrongFormat);
        assert!(e.message.contains(extension) && e.message.contains(other), "{e}");
    }
    assert_eq!(read(&npy, None, None).unwrap(), array);
    assert_eq!(read(&npz, Some("dat"), Some("a")).unwrap(), array);
    assert_eq!(read(b"1\n", None, None).unwrap(), array);
    assert_eq!(read(&npy, Some("npy"), Some("a")).unwrap_err().kind, Kind::Member);
}

/// A small generator of numbers, so that the runs are the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

// Fault 81.
#[test]
fn no_change_of_bytes_makes_reading_panic() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let array = Array::new(vec![2, 2], vec![1.0, -0.0, f64::MAX, 5e-324]).unwrap();
    let body = npy::write(&array);
    let seeds = [
        body.clone(),
        zip_with("x.npy", &body, 8, None, None),
        npz::write(&[("a", &array)]).unwrap(),
        csv::write(&array).unwrap(),
    ];
    let runs = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
    for run in 0..runs {
        let mut file = seeds[run % seeds.len()].clone();
        for _ in 0..1 + numbers.next() % 4 {
            let at = (numbers.next() % file.len() as u64) as usize;
            match numbers.next() % 3 {
                0 => file[at] = numbers.next() as u8,
                1 => file.truncate(at.max(1)),
                _ => file.insert(at, numbers.next() as u8),
            }
        }
        let _ = read(&file, ["npy", "npz", "npz", "csv"].get(run % 4).copied(), None);
        let _ = read(&file, None, None);
    }
}

#[test]
fn written_files_read_back_to_the_same_bits() {
    let values = vec![0.1, -0.0, f64::MIN_POSITIVE, f64::MAX, -1e-300, 123456789.123, 2f64.powi(60), 0.3];
    for shape in [vec![8], vec![2, 4], vec![4, 2]] {
        let array = Array::new(shape, values.clone()).unwrap();
        for format in sparsec_data::FORMATS {
            let bytes = (format.write)(&array, Some("k")).unwrap();
            let back = (format.read)(&bytes, format.container.then_some("k")).unwrap();
            assert_eq!(back.shape, array.shape, "{}", format.name);
            let bits = |a: &Array| a.data.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&back), bits(&array), "{}", format.name);
        }
    }
}

#[test]
fn inline_values() {
    assert_eq!(literal::parse(" 0.5 ").unwrap(), Array::scalar(0.5));
    assert_eq!(literal::parse("-inf").unwrap(), Array::scalar(f64::NEG_INFINITY));
    assert_eq!(literal::parse("[1, -2,3e-1]").unwrap(), Array::vector(vec![1.0, -2.0, 0.3]));
    assert_eq!(
        literal::parse("[[1,2],[3,inf]]").unwrap(),
        Array { shape: vec![2, 2], data: vec![1.0, 2.0, 3.0, f64::INFINITY] }
    );
    assert!(literal::parse("nan").unwrap().data[0].is_nan());
    for text in
        ["", "[", "[]", "[1,]", "[1 2]", "[[1,2],[3]]", "[[1],2]", "1e999", "x", "1.", "0x10", "[1]]", "1 2", "--1"]
    {
        let parsed = literal::parse(text);
        assert!(parsed.is_err() || text == "1.", "{text:?} was read as {parsed:?}");
    }
}
