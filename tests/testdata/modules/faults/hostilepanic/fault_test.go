package hostilepanic

import "testing"

const evil = "\x1b[31m\x1b]0;owned\a\x1b]8;;http://evil\x1b\\ \u202e<script>alert(1)</script>\"'&]]> \x00 \xff\xfe\n::error file=a.go::injected\n##teamcity[message text='x']\n::set-output name=a::b\r\n::add-mask::x\ngoroutine 1 [running]:\nmain.main()\n"

func TestPanics(t *testing.T) {
	t.Run(evil, func(t *testing.T) { panic(evil) })
}
