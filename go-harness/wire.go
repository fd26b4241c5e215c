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
	leakgateMostChunk  = 820 // a record is at most 900 bytes
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
	s.writeRecord('H', leakgateEscape(nil, p))
}

// writeAll writes what was captured, in one go.
func (s *leakgateState) writeAll() {
	payload := s.payloadGuarded()
	records := 0
	for rest := payload; len(rest) > 0; {
		var chunk []byte
		chunk, rest = leakgateChunk(rest)
		s.writeRecord('D', chunk)
		records++
	}
	var end []byte
	end = append(end, "run="...)
	end = strconv.AppendInt(end, int64(s.run), 10)
	end = append(end, " records="...)
	end = strconv.AppendInt(end, int64(records), 10)
	end = append(end, " bytes="...)
	end = strconv.AppendInt(end, int64(len(payload)), 10)
	end = append(end, " crc="...)
	end = leakgateAppendHex8(end, leakgateCRC(0, payload))
	s.writeRecord('E', end)
}

// leakgateChunk cuts so much off payload as fits into a record, escaped.
func leakgateChunk(payload []byte) (chunk, rest []byte) {
	const longest = len(`\xff`) // of a byte, escaped
	chunk = make([]byte, 0, leakgateMostChunk)
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

// writeRecord writes one numbered record in one write.
func (s *leakgateState) writeRecord(kind byte, chunk []byte) {
	s.write(leakgateRecord(leakgateNonce(), strconv.Itoa(os.Getpid()), leakgateRecords, kind, chunk))
	leakgateRecords++
}

func leakgateRecord(nonce, pid string, n int, kind byte, chunk []byte) []byte {
	id := append([]byte(nonce+" "+pid+" "), strconv.Itoa(n)...)
	crc := leakgateCRC(leakgateCRC(0, id), append([]byte{' ', kind}, chunk...))
	line := make([]byte, 0, len(leakgateMagic)+len(id)+len(chunk)+12)
	line = append(append(line, leakgateMagic...), id...)
	line = leakgateAppendHex8(append(line, ' '), crc)
	line = append(append(line, ' ', kind), chunk...)
	return append(line, '\n')
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
