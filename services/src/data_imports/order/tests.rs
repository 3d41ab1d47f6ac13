use super::sorter::Sorter;
use super::*;
use crate::data_imports::fields::Field;
use crate::data_imports::mapping::Mapping;
use entities::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The lines of rows with these instants in the order they come back, sorted in runs of so many bytes.
fn sorted(order: Order, run: usize, instants: &[Option<i64>]) -> Vec<u64> {
    let scratch = tempfile::tempdir().unwrap();
    let mut sorter = Sorter::with_run(order, scratch.path().join("made when it is needed"), run);
    for (line, at) in (2..).zip(instants) {
        sorter.push(at.map(Timestamp), line, &ByteRecord::from(vec!["", &line.to_string(), "déjà \"dit\""])).unwrap();
    }
    let mut lines = Vec::new();
    let take = |line: u64, record: &ByteRecord| {
        assert_eq!(record.iter().collect::<Vec<_>>(), [&b""[..], line.to_string().as_bytes(), "déjà \"dit\"".as_bytes()]);
        lines.push(line);
        true
    };
    sorter.each(take).unwrap();
    lines
}

#[test]
fn rows_come_by_their_instants_however_many_runs_they_make() {
    let mut random = StdRng::seed_from_u64(1);
    let instants: Vec<_> = (0..3000).map(|_| random.random_bool(0.95).then(|| random.random_range(-50..50_i64))).collect();
    for (order, sign) in [(Order::ByInstant, 1), (Order::FromTheEnd, -1)] {
        let mut expected: Vec<(Option<i64>, i64)> = instants.iter().copied().zip((2..).map(|line: i64| sign * line)).collect();
        expected.sort_unstable();
        let expected: Vec<u64> = expected.into_iter().map(|(_, line)| line.unsigned_abs()).collect();
        for run in [1, 1000, 100_000, usize::MAX] {
            assert_eq!(sorted(order, run, &instants), expected, "{order:?} in runs of {run} bytes");
        }
    }
}

#[test]
fn nobody_is_given_rows_after_they_said_no() {
    let mut sorter = Sorter::with_run(Order::ByInstant, std::env::temp_dir(), 1);
    for line in 1..9 {
        sorter.push(None, line, &ByteRecord::from(vec!["x"])).unwrap();
    }
    let mut given = 0;
    sorter
        .each(|_, _| {
            given += 1;
            given < 3
        })
        .unwrap();
    assert_eq!(given, 3);
}

#[test]
fn instants_that_go_one_way_need_no_sorting() {
    let order = |instants: &[i64]| {
        let mut course = Course::default();
        instants.iter().for_each(|at| course.pass(Timestamp(*at)));
        course.order()
    };
    for (instants, expected) in [
        (&[][..], Order::AsWritten),
        (&[5], Order::AsWritten),
        (&[5, 5, 6], Order::AsWritten),
        (&[6, 6, 5], Order::FromTheEnd),
        (&[5, 6, 5], Order::ByInstant),
        (&[6, 5, 6], Order::ByInstant),
    ] {
        assert_eq!(order(instants), expected, "{instants:?}");
    }
}

#[test]
fn dates_are_found_in_any_encoding_and_with_spaces_around_them() {
    let header = ["sku", "date"].map(str::to_owned);
    let column = |column: &str, field| crate::data_imports::ColumnMapping { column: column.to_owned(), field };
    let of = |columns| Dates::new(&Mapping { columns, ..Mapping::default() }, &header, chrono_tz::Europe::Paris);
    assert!(of(vec![column("sku", Field::Sku)]).is_none());
    let dates = of(vec![column(" date ", Field::OccurredAt)]).unwrap();
    let at = |cell: &[u8]| dates.instant(&ByteRecord::from(vec![b"A", cell])).map(|at| at.to_utc().to_rfc3339());
    for cell in [&b"2026-07-01 12:00"[..], b" 01/07/2026 12:00 ", b"\xa02026-07-01T10:00Z\xa0", "\u{a0}2026-07-01 12:00\u{202f}".as_bytes()]
    {
        assert_eq!(at(cell).as_deref(), Some("2026-07-01T10:00:00+00:00"), "{}", String::from_utf8_lossy(cell));
    }
    for cell in [&b""[..], b"hier", b"2026-02-30", b"2026-03-29 02:30", b"\xff"] {
        assert_eq!(at(cell), None, "{}", String::from_utf8_lossy(cell));
    }
    assert_eq!(dates.instant(&ByteRecord::from(vec![b"A"])), None, "a row without the cell");
}
