package a

import "testing"

func TestLeak(t *testing.T)  { Start() }
func TestClean(t *testing.T) {}
