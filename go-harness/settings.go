package harness

import (
	"strconv"
	"syscall"
	"time"
)

// leakgateSettings is LEAKGATE_SHIM, e.g. "settle=400ms,prove=off,labels=off,budget=full".
type leakgateSettings struct {
	text   string
	settle time.Duration
	prove  bool
	labels bool
	full   bool    // dumps are not limited
	share  float64 // of the run time that dumps may take
}

func leakgateReadOptions() leakgateSettings {
	// os.Getenv would be recorded for go's test cache before go listens, and user code may change the environment.
	text, _ := syscall.Getenv(leakgateEnv)
	return leakgateParseOptions(text)
}

func leakgateParseOptions(text string) leakgateSettings {
	o := leakgateSettings{text: text, settle: 400 * time.Millisecond, prove: true, labels: true, share: 0.02}
	for rest := text; rest != ""; {
		var item, key, value string
		item, rest, _ = leakgateCut(rest, ',')
		key, value, _ = leakgateCut(item, '=')
		switch key {
		case "settle":
			if d, err := time.ParseDuration(value); err == nil && d >= 0 {
				o.settle = d
			}
		case "prove":
			o.prove = value != "off"
		case "labels":
			o.labels = value != "off"
		case "budget":
			if value == "full" {
				o.full = true
			} else if n := len(value); n > 1 && value[n-1] == '%' {
				if f, err := strconv.ParseFloat(value[:n-1], 64); err == nil && f >= 0 {
					o.share = f / 100
				}
			}
		}
	}
	return o
}

func leakgateCut(s string, sep byte) (before, after string, found bool) {
	for i := 0; i < len(s); i++ {
		if s[i] == sep {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}
