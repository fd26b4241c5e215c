// Package bubble holds clean tests under testing/synctest, which needs Go 1.25.
package bubble
