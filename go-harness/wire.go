package harness

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// The wire format is described in WIRE.md; its reader is src/wire.
const (
	leakgateMagic      = "\x1eleakgate/2 "
	leakgateMostChunk  = 820
	leakgateMostRecord = 900
	leakgateMostWrite  = 4 * leakgateMostRecord
	leakgateMostOutput = 256 << 20
)

var leakgateNonceText = ""

// leakgateNonce names this process in its records; made when it is first needed.
func leakgateNonce() string {
	if leakgateNonceText == "" {
		x := uint64(time.Now().UnixNano()) ^ uint64(os.Getpid())<<40 ^ uint64(os.Getppid())<<20
		for _, c := range []byte(fmt.Sprintf("%p", new(int64))) { // where memory lies differs from process to process
			x = x*1099511628211 ^ uint64(c)
		}
		x ^= x >> 30
		x *= 0xbf58476d1ce4e5b9
		x ^= x >> 27
		x *= 0x94d049bb133111eb
		x ^= x >> 31
		text := strconv.FormatUint(x, 16)
		for len(text) < 16 {
			text = "0" + text
		}
		leakgateNonceText = text
	}
	return leakgateNonceText
}

func (s *leakgateState) writeHello() {
	var p []byte
	p = append(p, "run="...)
	p = strconv.AppendInt(p, int64(s.run), 10)
	p = append(p, " ppid="...)
	p = strconv.AppendInt(p, int64(os.Getppid()), 10)
	p = append(p, " gomaxprocs="...)
	p = strconv.AppendInt(p, int64(runtime.GOMAXPROCS(0)), 10)
	p = append(append(p, " under="...), leakgateUnder()...)
	p = append(p, " go="...)
	p = append(p, runtime.Version()...)
	s.write(s.addRecord(nil, 'H', leakgateEscape(nil, p)))
}

// writeAll writes what was captured, several whole records at a time: few enough that a pipe takes them in one go, so that
// no child's output gets in between.
func (s *leakgateState) writeAll() {
	payload := s.payloadGuarded()
	records := 0
	lines := make([]byte, 0, leakgateMostWrite)
	chunk := make([]byte, 0, leakgateMostChunk)
	for rest := payload; len(rest) > 0; records++ {
		chunk, rest = leakgateChunk(chunk[:0], rest)
		if len(lines)+leakgateMostRecord > leakgateMostWrite {
			s.write(lines)
			lines = lines[:0]
		}
		lines = s.addRecord(lines, 'D', chunk)
	}
	s.write(lines)
	var end []byte
	end = append(end, "run="...)
	end = strconv.AppendInt(end, int64(s.run), 10)
	end = append(end, " records="...)
	end = strconv.AppendInt(end, int64(records), 10)
	end = append(end, " bytes="...)
	end = strconv.AppendInt(end, int64(len(payload)), 10)
	end = append(end, " crc="...)
	end = leakgateAppendHex8(end, leakgateCRC(0, payload))
	s.write(s.addRecord(nil, 'E', end))
}

// leakgateChunk moves so much of payload to chunk, which is empty, as fits into a record, escaped.
func leakgateChunk(chunk, payload []byte) (full, rest []byte) {
	const longest = len(`\xff`) // of a byte, escaped
	for {
		fits := (leakgateMostChunk - len(chunk)) / longest
		if fits > len(payload) {
			fits = len(payload)
		}
		if fits == 0 {
			return chunk, payload
		}
		chunk, payload = leakgateEscape(chunk, payload[:fits]), payload[fits:]
	}
}

// leakgateEscape writes bytes as printable ASCII.
func leakgateEscape(out, text []byte) []byte {
	const hex = "0123456789abcdef"
	for _, c := range text {
		switch {
		case c == '\n':
			out = append(out, '\\', 'n')
		case c == '\t':
			out = append(out, '\\', 't')
		case c == '\\':
			out = append(out, '\\', '\\')
		case c < ' ' || c > '~':
			out = append(out, '\\', 'x', hex[c>>4], hex[c&15])
		default:
			out = append(out, c)
		}
	}
	return out
}

// addRecord adds the next record, numbered.
func (s *leakgateState) addRecord(lines []byte, kind byte, chunk []byte) []byte {
	lines = leakgateRecord(lines, leakgateNonce(), strconv.Itoa(os.Getpid()), leakgateRecords, kind, chunk)
	leakgateRecords++
	return lines
}

func leakgateRecord(lines []byte, nonce, pid string, n int, kind byte, chunk []byte) []byte {
	lines = append(lines, leakgateMagic...)
	id := len(lines)
	lines = append(append(append(append(lines, nonce...), ' '), pid...), ' ')
	lines = strconv.AppendInt(lines, int64(n), 10)
	end := len(lines)
	lines = append(append(append(lines, " 00000000 "...), kind), chunk...)
	crc := leakgateCRC(leakgateCRC(0, lines[id:end]), lines[end+len(" 00000000"):])
	leakgateAppendHex8(lines[:end+len(" ")], crc)
	return append(lines, '\n')
}

// write lets a full pipe that a child has made non-blocking drain, for a while. A record that cannot be written is missed
// by the reader.
func (s *leakgateState) write(line []byte) {
	for tries := 0; len(line) > 0 && tries < 5000; tries++ {
		n, err := s.out.Write(line)
		if n > 0 {
			line = line[n:]
		}
		if err == nil || !errors.Is(err, syscall.EAGAIN) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func leakgateAppendHex8(out []byte, n uint32) []byte {
	const hex = "0123456789abcdef"
	for shift := 28; shift >= 0; shift -= 4 {
		out = append(out, hex[n>>uint(shift)&15])
	}
	return out
}

var leakgateCRCTable = func() (table [256]uint32) {
	for i := range table {
		n := uint32(i)
		for bit := 0; bit < 8; bit++ {
			if n&1 == 1 {
				n = n>>1 ^ 0xedb88320
			} else {
				n >>= 1
			}
		}
		table[i] = n
	}
	return table
}()

// leakgateCRC is CRC-32 (IEEE); package testing cannot import hash/crc32.
func leakgateCRC(crc uint32, text []byte) uint32 {
	crc = ^crc
	for _, c := range text {
		crc = leakgateCRCTable[byte(crc)^c] ^ crc>>8
	}
	return ^crc
}
