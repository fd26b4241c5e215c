//! Who has to end what was made: the function that makes it, what keeps it, or the test.

use super::cause_kind_tests::{line, only, words};
use super::judge_tests::{evidence, judged_files, sightings};
use super::*;

const SQL: &str = "package sql\ntype DB struct{}\nfunc Open(driver, source string) (*DB, error) {\n\tdb := &DB{}\n\tgo db.connectionOpener() // opens\n\treturn db, nil\n}\nfunc (db *DB) connectionOpener() {}\nfunc (db *DB) Ping() error { return nil }\nfunc (db *DB) Close() error { return nil }\n";

/// The handle that `open` makes at the line marked `// made`, called at the test's line marked `// test`.
fn handle_of(source: &str, test: &str) -> Cause {
    let dump = format!(
        "goroutine 21 [select]:\ndatabase/sql.(*DB).connectionOpener()\n\t/go/src/database/sql/sql.go:8 +0x1\n\
         created by database/sql.Open in goroutine 10\n\t/go/src/database/sql/sql.go:5 +0x2\n\
         [originating from goroutine 10]:\ndatabase/sql.Open(...)\n\t/go/src/database/sql/sql.go:5 +0x1\n\
         m.open(...)\n\t/m/x.go:{} +0x1\nm.TestA(...)\n\t/m/x_test.go:{} +0x1\n\
         created by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
        line(source, "// made"),
        line(test, "// test"),
    );
    let files = [
        ("/m/x.go", source),
        ("/m/x_test.go", test),
        ("/go/src/database/sql/sql.go", SQL),
    ];
    judged_files(&evidence(sightings(&dump)), &files).remove(0).cause
}

#[test]
fn what_a_constructor_hands_on_is_ended_by_what_it_returns_and_not_in_the_constructor() {
    let source = |last: &str, more: &str| {
        format!(
            "package m\nimport \"database/sql\"\ntype Repo struct{{ db *sql.DB }}\n{more}\nfunc open() (*Repo, error) {{\n\tdb, err := sql.Open(\"a\", \"\") // made\n\tif err != nil {{\n\t\treturn nil, err\n\t}}\n\tif err := db.Ping(); err != nil {{\n\t\tdb.Close()\n\t\treturn nil, err\n\t}}\n\t{last}\n}}\n"
        )
    };
    let test = "package m\nfunc TestA(t *testing.T) {\n\tr, err := open() // test\n\tuse(r, err)\n}\n";
    let close = "func (r *Repo) Close() error { return r.db.Close() }";
    for last in [
        "return &Repo{db}, nil",
        "return &Repo{db: db}, nil",
        "r := &Repo{}\n\tr.db = db\n\treturn r, nil",
    ] {
        let cause = handle_of(&source(last, close), test);
        assert!(
            cause.fix.contains("Close of `r`") && cause.fix.contains("t.Cleanup(func() { r.Close() })"),
            "{last}: {cause:?}"
        );
        // No method of the Repo closes it: its own Close in the constructor would end it at once.
        let cause = handle_of(&source(last, ""), test);
        assert!(!cause.fix.contains("defer"), "{last}: {cause:?}");
        assert!(!cause.fix.contains("every path"), "{last}: {cause:?}");
        assert!(cause.fix.contains("`db`"), "{last}: {cause:?}");
    }
    let returned = source("return db, nil", "").replace("(*Repo, error)", "(*sql.DB, error)");
    let cause = handle_of(&returned, test);
    assert!(cause.fix.contains("r.Close()"), "{cause:?}");
    // What stays in the function ends with it.
    let own = source("return nil, nil", "");
    let cause = handle_of(&own, test);
    assert!(cause.fix.contains("every path"), "{cause:?}");
}

/// A transaction that `insert` makes.
fn tx(body: &str, more: &str) -> Cause {
    let source = format!(
        "package m\nimport \"context\"\ntype Tx struct {{\n\tctx context.Context\n\tcancel context.CancelFunc\n}}\nfunc begin() (*Tx, error) {{\n\tctx, cancel := context.WithCancel(context.Background())\n\ttx := &Tx{{ctx: ctx, cancel: cancel}}\n\tgo work(tx) // go 21\n\treturn tx, nil\n}}\nfunc work(tx *Tx) {{\n\t<-tx.ctx.Done() // 21\n}}\nfunc (tx *Tx) Exec(q string) error {{ return nil }}\nfunc (tx *Tx) Commit() error {{ tx.cancel(); return nil }}\n{more}\nfunc insert(all []string) error {{\n\ttx, err := begin()\n\tif err != nil {{\n\t\treturn err\n\t}}\n{body}\n}}\nfunc TestA(t *testing.T) {{\n\tinsert(nil)\n}}\n"
    );
    only("chan receive", &source)
}

#[test]
fn a_way_out_that_does_not_end_what_its_function_made_is_named() {
    let body = "\tfor _, q := range all {\n\t\tif err := tx.Exec(q); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn tx.Commit()";
    let rollback = "func (tx *Tx) Rollback() error { tx.cancel(); return nil }";
    let cause = tx(body, rollback);
    assert!(
        cause
            .fix
            .contains("`tx.Rollback()` before the `return` (x.go:26)"),
        "{cause:?}"
    );
    let cause = tx(body, "");
    assert!(
        cause.fix.contains("`tx.Commit()` before the `return` (x.go:26)"),
        "{cause:?}"
    );
    // All ways out end it: there is no such place.
    for body in [
        "\tdefer tx.Rollback()\n\tif err := tx.Exec(\"\"); err != nil {\n\t\treturn err\n\t}\n\treturn tx.Commit()",
        "\tif err := tx.Exec(\"\"); err != nil {\n\t\ttx.Rollback()\n\t\treturn err\n\t}\n\treturn tx.Commit()",
        "\tkept = tx\n\tif all == nil {\n\t\treturn nil\n\t}\n\treturn tx.Commit()",
    ] {
        let more = format!("var kept *Tx\n{rollback}");
        let cause = tx(body, &more);
        assert!(!cause.fix.contains("before the `return`"), "{body}: {cause:?}");
    }
}

#[test]
fn a_constructor_whose_error_the_test_wants_ends_what_it_made() {
    let source = |works: &str| {
        format!(
            "package m\ntype pool struct{{ stop chan int }}\nfunc newPool() (*pool, error) {{\n\tp := &pool{{stop: make(chan int)}}\n\tgo work(p) // go 21\n\treturn p, bad()\n}}\nfunc work(p *pool) {{\n\t<-p.stop // 21\n}}\nfunc (p *pool) Close() {{ close(p.stop) }}\nfunc TestA(t *testing.T) {{\n\tp, err := newPool() // made\n\tif err == nil {{\n\t\t{works}\n\t}}\n}}\n"
        )
    };
    let ended = |works: &str| {
        let source = source(works);
        let mut dump = super::cause_kind_tests::goroutine(21, "chan receive", "", "m.work", &source);
        dump = dump.replace("created by m.TestA", "created by m.newPool");
        dump += &format!(
            "[originating from goroutine 10]:\nm.newPool(...)\n\t/m/x.go:5 +0x1\nm.TestA(...)\n\t/m/x.go:{} +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n",
            line(&source, "// made")
        );
        judged_files(
            &evidence(sightings(&dump.replace("\n\n[", "\n["))),
            &[("/m/x.go", source.as_str())],
        )
        .remove(0)
        .cause
    };
    for works in ["p.Close()\n\t\tt.Fatal(1)", "t.Fatal(1)"] {
        let cause = ended(works);
        assert!(
            cause.fix.contains("end it in `newPool`") || cause.fix.contains("what fails has to end"),
            "{works}: {cause:?}"
        );
    }
    let cause = ended("use(p)");
    assert!(cause.fix.contains("p.Close"), "{cause:?}");
}

#[test]
fn signal_stop_is_not_asked_for_where_it_is_called() {
    let source = |wait: &str| {
        format!(
            "package m\nimport (\n\t\"os\"\n\t\"os/signal\"\n)\nfunc reload() func() {{\n\tc := make(chan os.Signal, 1)\n\tsignal.Notify(c)\n\tgo work(c) // go 21\n\treturn func() {{ signal.Stop(c) }}\n}}\nfunc work(in chan os.Signal) {{\n\t{wait} // 21\n}}\nfunc TestA(t *testing.T) {{ defer reload()() }}\n"
        )
    };
    let ranges = only("chan receive", &source("for range in {}"));
    assert!(
        ranges.fix.contains("`close(c)` after `signal.Stop(c)`"),
        "{}",
        words(&ranges)
    );
    assert!(!ranges.fix.contains("call signal.Stop"), "{}", words(&ranges));
    let one = only("chan receive", &source("<-in"));
    // A closed channel would look like a signal.
    assert!(!one.fix.contains("`close(c)`"), "{}", words(&one));
    assert!(
        one.fix.contains("closed after `signal.Stop(c)`"),
        "{}",
        words(&one)
    );
    let none = source("<-in").replace("signal.Stop(c)", "use(c)");
    let none = only("chan receive", &none);
    assert!(none.fix.contains("call signal.Stop"), "{}", words(&none));
}
