//! What operators make of tables.

use serde_json::{Value as Json, json};

use crate::emulator::kql::tests::laboratory::{columns, rows};

#[test]
fn rows_are_chosen_shaped_and_counted() {
    for (query, expected) in [
        ("Events | where Host has 'evil.example' | project Device, Port", json!([["pc1", 80]])),
        ("Events | where Host contains 'evil' | count", json!([[2]])),
        ("Events | where Fine", rows("Events | where Port == 80")),
        ("Events | where not(Fine) | project Device", json!([["pc2"]])),
        ("Events | filter isnotempty(Host) and Port in (443, 22) | project P = Port + 1, Port", json!([[444, 443]])),
        ("Events | where More.a.b[0] == 'x' and More['n'] > 6 | project More.a.b", json!([["[\"x\",\"y\"]"]])),
        ("Events | extend Device = toupper(Device), New = 1 | project Device, New | take 1", json!([["PC1", 1]])),
        ("Events | project-away Timestamp, H*, P*, S*, R*, F*, M* | distinct Device", json!([["pc1"], ["pc2"]])),
        ("Devices | project-rename OS = System | project-keep OS | limit 1", json!([["Windows11"]])),
        ("Devices | project-reorder Port | take 1", json!([[80, "pc1", "Windows11"]])),
        ("Events | sort by Size | project Size", json!([[20], [10], [null]])),
        ("Events | order by Size asc | project Size", json!([[null], [10], [20]])),
        ("Events | sort by Size asc nulls last, Device | project Size", json!([[10], [20], [null]])),
        ("Events | top 1 by Timestamp desc | project Timestamp", json!([["2026-11-24T11:30:00.1234567Z"]])),
        ("Events | where Timestamp > ago(1h) | count", json!([[1]])),
        ("Events | where Timestamp between (datetime(2026-11-24T10:00:00Z) .. 1h) | count", json!([[2]])),
        ("Empty | count", json!([[0]])),
        ("print a = 1, 'x'", json!([[1, "x"]])),
        ("datatable (a: string, b: long) ['x', 1, 'y', -2] | where b < 0", json!([["y", -2]])),
        ("datatable(a:string)['x']", json!([["x"]])),
        ("Events | where Port == 80 | mv-expand x = More.a.b to typeof(string) | project x", json!([["x"], ["y"]])),
        ("Devices | getschema | project ColumnName, DataType | take 1", json!([["Device", "System.String"]])),
        ("Events | serialize | as T | render table", rows("Events")),
        ("Events // a comment\n| count // another", json!([[3]])),
    ] {
        assert_eq!(rows(query), expected, "{query}");
    }
}

#[test]
fn groups_are_summed_up() {
    for (query, expected) in [
        ("Events | summarize count() by Device", json!([["pc1", 2], ["pc2", 1]])),
        ("Events | summarize n = countif(Port > 100), dcount(Device), sum(Size), avg(Size)", json!([[1, 2, 30, 15.0]])),
        ("Events | summarize min(Timestamp), max(Port) by Device | project max_Port", json!([[443], [null]])),
        (
            "Events | summarize arg_max(Timestamp, *) by Device | project Device, Host",
            json!([["pc1", "devil.example"], ["pc2", ""]]),
        ),
        (
            "Events | summarize arg_min(Timestamp, Port) by Device | where Device == 'pc1'",
            json!([["pc1", "2026-11-24T10:00:00.0000000Z", 80]]),
        ),
        ("Events | summarize make_set(Device), make_list(Port, 1)", json!([["[\"pc1\",\"pc2\"]", "[80]"]])),
        ("Events | summarize take_any(Host) by Device | take 1", json!([["pc1", "www.Evil.example"]])),
        ("Events | summarize count() by bin(Timestamp, 1h) | count", json!([[2]])),
        ("Events | summarize by Device", json!([["pc1"], ["pc2"]])),
        ("Empty | summarize count(), max(Timestamp), make_set(Host), sum(1)", json!([[0, null, "[]", 0]])),
        ("Empty | summarize count() by Host", json!([])),
        (
            "Events | summarize round(avg(Size), 1), n = count() * 2 + countif(Fine) by Device",
            json!([["pc1", 15.0, 5], ["pc2", null, 2]]),
        ),
        (
            "Events | summarize tostring(make_set(Device)[0]), first = tostring(arg_min(Timestamp, *))",
            json!([["pc1", "2026-11-24T10:00:00.0000000Z"]]),
        ),
    ] {
        assert_eq!(rows(query), expected, "{query}");
    }
    assert_eq!(
        columns(
            "Events | summarize count(), dcount(Host), max(Size), make_set(Host), arg_max(Timestamp, Port) by Device, bin(Size, 10), strlen(Host)"
        ),
        "Device:string Size:long Column1:long count_:long dcount_Host:long max_Size:long set_Host:dynamic \
         Timestamp:datetime Port:int"
    );
}

#[test]
fn tables_are_brought_together() {
    for (query, expected) in [
        (
            "Events | join kind=inner Devices on Device | project Host, System, Port1",
            json!([["www.Evil.example", "Windows11", 80], ["devil.example", "Windows11", 80]]),
        ),
        ("Events | join (Devices | where System == 'Windows11') on Device | count", json!([[1]])),
        (
            "Events | join kind=leftouter Devices on Device | project Device, System, Port1",
            json!([["pc1", "Windows11", 80], ["pc1", "Windows11", 80], ["pc2", "", null]]),
        ),
        ("Events | join kind=leftsemi Devices on $left.Device == $right.Device and Port | project Port", json!([[80]])),
        ("Events | join kind=leftanti Devices on Device | project Device", json!([["pc2"]])),
        ("Events | join kind=rightanti Devices on Device | project Device", json!([["pc3"]])),
        ("Events | join kind=fullouter Devices on Device | count", json!([[4]])),
        ("Events | lookup kind=leftouter Devices on Device | project System | take 1", json!([["Windows11"]])),
        (
            "union Events, Devices | summarize count() by Device | sort by Device asc",
            json!([["pc1", 3], ["pc2", 1], ["pc3", 1]]),
        ),
        ("Events | union (Devices | where Port == 22) | count", json!([[4]])),
        ("union withsource=T Ev*, Dev* | summarize count() by T", json!([["Events", 3], ["Devices", 2]])),
        ("union isfuzzy=true Events, Nowhere | count", json!([[3]])),
        ("union kind=inner Events, Devices | getschema | project ColumnName", json!([["Device"], ["Port"]])),
        ("let p = 80; let h = 'evil'; Events | where Port == p and Host contains h | count", json!([[1]])),
        ("let d = Devices | where Port == 80 | project Device; Events | where Device in (d) | count", json!([[2]])),
        ("let l = dynamic(['PC1']); Events | where Device in~ (l) | count", json!([[2]])),
        ("let since = ago(1h); Events | where Timestamp > since | count", json!([[1]])),
        ("Events | where Device in ((Devices | project Device)) | count", json!([[2]])),
        ("let m = toscalar(Events | summarize max(Timestamp)); Events | where Timestamp == m | count", json!([[1]])),
        ("let T = materialize(Events | where Port > 0); T | join kind=inner T on Port | count", json!([[2]])),
        ("search 'EVIL.example' | project $table, Device", json!([["Events", "pc1"]])),
        ("search in (Devices, Empty) 'lin*' | count", json!([[1]])),
        ("Devices | search System == 'Linux' or 'pc1' | count", json!([[2]])),
    ] {
        assert_eq!(rows(query), expected, "{query}");
    }
}

#[test]
fn columns_are_named_as_the_engine_names_them() {
    for (query, names) in [
        (
            "Events | project Device, strcat(Device, Host), bin(Size, 10), More.a.b, More.a[0], 1 + 1",
            "Device:string Column1:string Size:long More_a_b:dynamic More_a_0:dynamic Column2:long",
        ),
        ("Events | extend strlen(Host) | project-keep Column1", "Column1:long"),
        ("print 1, b = 2", "print_0:long b:long"),
        ("Devices | count", "Count:long"),
        (
            "Devices | join kind=inner Devices on Device",
            "Device:string System:string Port:int Device1:string System1:string Port1:int",
        ),
        ("Events | summarize round(avg(Size)), n = count() * 2, count() + 1", "Column1:real n:long Column2:long"),
        ("union (print a = 1), (print a = 'x')", "a_long:long a_string:string"),
    ] {
        assert_eq!(columns(query), names, "{query}");
    }
}

#[test]
fn an_answer_is_json_with_the_wire_s_types() {
    let expected: Json = json!([[
        "2026-11-24T10:00:00.0000000Z",
        "pc1",
        "www.Evil.example",
        80,
        10,
        0.5,
        true,
        "{\"a\":{\"b\":[\"x\",\"y\"]},\"n\":7}"
    ]]);
    assert_eq!(rows("Events | take 1"), expected);
}
