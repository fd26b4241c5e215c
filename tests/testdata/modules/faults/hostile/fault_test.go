package hostile

import (
	"fmt"
	"os"
	"testing"
)

const evil = "\x1b[31m\x1b]0;owned\a\x1b]8;;http://evil\x1b\\ \u202e<script>alert(1)</script>\"'&]]> \x00 \xff\xfe\n::error file=a.go::injected\n##vso[task.setvariable]x\n##teamcity[message text='x']\n::set-output name=a::b\r\n::add-mask::x\n"

func TestFails(t *testing.T) {
	fmt.Print(evil)
	t.Log(evil)
	t.Error(evil)
	t.Run(evil, func(t *testing.T) {
		never := make(chan int)
		go func() { <-never }()
		os.Stderr.WriteString(evil)
		t.Error(evil)
	})
	t.Run("::error::x %0A::error::y <b>|'\n]", func(t *testing.T) {
		never := make(chan int)
		go func() { <-never }()
	})
}
