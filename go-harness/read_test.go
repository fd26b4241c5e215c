package harness

import (
	"bytes"
	"encoding/hex"
	"hash/crc32"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestRecordsAreThoseOfTheSharedVectors(t *testing.T) {
	text, err := os.ReadFile("../tests/testdata/wire/records.tsv")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		n, _ := strconv.Atoi(f[3])
		chunk, _ := hex.DecodeString(f[5])
		got := leakgateRecord(f[1], f[2], n, f[4][0], leakgateEscape(nil, chunk))
		if want := "\x1e" + f[6] + "\n"; string(got) != want {
			t.Errorf("%s:\n got %q\nwant %q", f[0], got, want)
		}
		seen++
	}
	if seen < 5 {
		t.Errorf("only %d vectors", seen)
	}
}

func TestChecksumIsThatOfTheStandardLibrary(t *testing.T) {
	text := []byte("any text at all\x00\xff")
	if got, want := leakgateCRC(0, text), crc32.ChecksumIEEE(text); got != want {
		t.Errorf("got %x, want %x", got, want)
	}
	if got := leakgateCRC(leakgateCRC(0, text[:5]), text[5:]); got != crc32.ChecksumIEEE(text) {
		t.Error("in two parts it is another")
	}
}

func TestChunksFitAndJoin(t *testing.T) {
	payload := bytes.Repeat([]byte("a\n\\\xff"), 3000)
	var joined []byte
	for rest := payload; len(rest) > 0; {
		var chunk []byte
		chunk, rest = leakgateChunk(rest)
		line := leakgateRecord("0123456789abcdef", "4194304", 99999999, 'D', chunk)
		if len(line) > 900 {
			t.Fatalf("%d bytes", len(line))
		}
		joined = append(joined, chunk...)
	}
	if !bytes.Equal(joined, leakgateEscape(nil, payload)) {
		t.Error("chunks do not join to the whole")
	}
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		line, state, label string
		id                 uint64
	}{
		{"goroutine 7 [running]:", "running", "", 7},
		{"goroutine 12 [chan receive (nil chan), 3 minutes, locked to thread]:", "chan receive (nil chan), 3 minutes, locked to thread", "", 12},
		{`goroutine 6 [select labels:{"leakgate": "7:TestA/x"}]:`, "select", "7:TestA/x", 6},
		{`goroutine 6 [select, 2 minutes labels:{"a": "]: leakgate: 9:No", "leakgate": "7:Test\"A"}]:`, "select, 2 minutes", `7:Test\"A`, 6},
		{`goroutine 6 [select] {leakgate: 7:TestA/x}:`, "select", "7:TestA/x", 6},
		{`goroutine 6 [select] {leakgate: "7:TestA/x", z: b}:`, "select", "7:TestA/x", 6},
		{`goroutine 6 [select] {a: "x, leakgate: 9:No", empty: , leakgate: "7:A, b", z: }:`, "select", "7:A, b", 6},
		{`goroutine 6 [select (durable), synctest bubble 3] {a: b}:`, "select (durable), synctest bubble 3", "", 6},
	} {
		head, ok := leakgateHeader([]byte(c.line + "\nmain.f()\n"))
		label, _ := leakgateFindLabel(head.labels)
		if !ok || head.id != c.id || string(head.state) != c.state || string(label) != c.label {
			t.Errorf("%s\n%v id %d state %q label %q", c.line, ok, head.id, head.state, label)
		}
	}
	for _, line := range []string{"", "goroutine", "goroutine 7", "goroutine 7 [", "main.main()"} {
		if _, ok := leakgateHeader([]byte(line)); ok {
			t.Errorf("%q is no header", line)
		}
	}
}

func TestEqualGoroutinesGiveEqualText(t *testing.T) {
	a := "goroutine 7 [chan receive (leaked), 3 minutes, locked to thread] {leakgate: 1:A}:\n" +
		"main.(*T).f(0xc000, {0x1, 0x2?}, ...)\n\t/a (b)/x.go:12 +0x1d\nmain.g(...)\n\t/a/y.go:3\n...additional frames elided...\n" +
		"created by main.h in goroutine 3\n\t/a/z.go:9 +0x1\n"
	b := "goroutine 99 [chan receive, locked to thread labels:{\"k\": \"v\"}]:\n" +
		"main.(*T).f(0xc001, {0x1, 0x2?}, ...)\n\t/a (b)/x.go:12 +0x1d\nmain.g(...)\n\t/a/y.go:3\n...additional frames elided...\n" +
		"created by main.h in goroutine 4\n\t/a/z.go:9 +0x1\n"
	want := "goroutine 0 [chan receive, locked to thread]:\n" +
		"main.(*T).f(...)\n\t/a (b)/x.go:12\nmain.g(...)\n\t/a/y.go:3\n...additional frames elided...\n" +
		"created by main.h\n\t/a/z.go:9\n"
	for i, block := range []string{a, b} {
		head, _ := leakgateHeader([]byte(block))
		got, parent := leakgateNormal(nil, head, []byte(block))
		if string(got) != want || parent != uint64(3+i) {
			t.Errorf("parent %d\n%s", parent, got)
		}
	}
}

func TestReasons(t *testing.T) {
	for state, want := range map[string]string{
		"select":                            "select",
		"select (leaked), 2 minutes":        "select",
		"chan receive (nil chan) (leaked)":  "chan receive (nil chan)",
		"running (scan)":                    "running",
		"select (leaked) (durable)":         "select (durable)",
		"select (no cases) (leaked) (scan)": "select (no cases)",
	} {
		got, leaked := leakgateReason([]byte(state))
		if string(got) != want || leaked != strings.Contains(state, "leaked") {
			t.Errorf("%s: %q %v", state, got, leaked)
		}
	}
}

func TestProfileAndDumpGiveTheSameKey(t *testing.T) {
	profile := "goroutine profile: total 3\n" +
		"2 @ 0x1 0x2 0x3\n# labels: {\"leakgate\":\"4:TestX\", \"u\":\"1\"}\n#\t0x1\tmain.(*T).f+0x1d\t\t/a/x.go:12\n#\t0x2\tmain.g+0x3\t/a b/y.go:3\n\n" +
		"1 @ 0x1 0x2 0x3\n#\t0x1\tmain.(*T).f+0x1d\t\t/a/x.go:12\n#\t0x2\tmain.g+0x3\t/a b/y.go:3\n\n"
	key := leakgateStackKey([]byte("goroutine 0 [select]:\nruntime.gopark(...)\n\t/go/proc.go:1\nmain.(*T).f(...)\n\t/a/x.go:12\nmain.g(...)\n\t/a b/y.go:3\ncreated by main.h\n\t/a/z.go:9\n"))
	counts := leakgateReadProfile([]byte(profile))
	if got := counts[key]; len(got) != 2 || got[4] != 2 || got[0] != 1 {
		t.Errorf("%q\n%v", key, counts)
	}
}

func TestOptions(t *testing.T) {
	o := leakgateParseOptions("settle=1s,prove=off,labels=off,budget=5%,later=thing,,settle=soon")
	if o.settle.String() != "1s" || o.prove || o.labels || o.share != 0.05 || o.full {
		t.Errorf("%+v", o)
	}
	if o := leakgateParseOptions(""); o.settle.String() != "400ms" || !o.prove || !o.labels || o.share != 0.02 {
		t.Errorf("%+v", o)
	}
	if !leakgateParseOptions("budget=full").full {
		t.Error("budget=full")
	}
}

func TestIdsAreSortedRanges(t *testing.T) {
	p := &leakgatePayload{}
	p.key('b').ids([]uint64{9, 3, 4, 100, 5, 99, 1})
	if string(p.out) != "b 1 3-5 9 99-100" {
		t.Errorf("%s", p.out)
	}
}

func FuzzBlocks(f *testing.F) {
	f.Add([]byte("goroutine 7 [select]:\nmain.f(0x1)\n\t/a.go:1 +0x2\ncreated by main.g in goroutine 1\n\t/a.go:2 +0x3\n\n"))
	f.Add([]byte(`goroutine 6 [select labels:{"leakgate": "7:A\"`))
	f.Fuzz(func(t *testing.T, dump []byte) {
		for rest := dump; len(rest) > 0; {
			var block []byte
			block, rest = leakgateBlock(rest)
			if head, ok := leakgateHeader(block); ok {
				leakgateFindLabel(head.labels)
				text, _ := leakgateNormal(nil, head, block)
				leakgateStackKey(text)
			}
		}
		leakgateReadProfile(dump)
	})
}
