//! Writing a run down, and making its reports.

use std::path::{Path, PathBuf};

use alertdrill::{
    record::{drill::Drill, file::RunWriter, reader::RunReader},
    report::{Format, render},
};
use criterion::{BenchmarkId, Criterion, Throughput};

/// A run of `count` drills like those of a run that passed.
fn written(folder: &Path, count: usize) -> PathBuf {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/runs/passed.json");
    let reader = RunReader::open(&fixture).expect("a run");
    let mut drills: Vec<Drill> = Vec::new();
    reader
        .each_drill(|drill| {
            drills.push(drill);
            Ok::<(), alertdrill::record::reader::ReadError>(())
        })
        .expect("its drills");
    let mut foot = reader.foot().expect("a whole run").clone();
    foot.counts = alertdrill::record::verdict::Counts::default();
    let mut writer = RunWriter::create(folder, reader.head()).expect("a record");
    for drill in drills.iter().cycle().take(count) {
        writer.drill(drill).expect("it is written");
        foot.counts.add(&drill.verdict);
    }
    writer.finish(&foot).expect("it is whole")
}

/// What each format costs by itself, reading included, against the bytes that are read.
fn each_format(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let run = written(folder.path(), 10_000);
    let mut group = criterion.benchmark_group("each format of 10000 drills");
    group.throughput(Throughput::Bytes(std::fs::metadata(&run).expect("it is there").len()));
    group.bench_function("none", |bencher| bencher.iter(|| render(&run, folder.path(), &[]).expect("read")));
    for format in Format::ALL {
        group.bench_function(format.as_str(), |bencher| {
            bencher.iter(|| render(&run, folder.path(), &[format]).expect("the report"));
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let mut group = criterion.benchmark_group("reports");
    for count in [100, 1_000] {
        let folder = tempfile::tempdir().expect("a folder");
        let run = written(folder.path(), count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::new("all formats", count), &run, |bencher, run| {
            bencher.iter(|| render(run, folder.path(), &Format::ALL).expect("the reports"));
        });
        group.bench_function(BenchmarkId::new("write run.json", count), |bencher| {
            let other = tempfile::tempdir().expect("a folder");
            bencher.iter(|| written(other.path(), count));
        });
    }
    group.finish();
    each_format(&mut criterion);
    criterion.final_summary();
}
