package module

import (
	"sync"
	"testing"
	_ "unsafe" // for go:linkname
)

// interpreterCeiling is the number of frames wazero's interpreter stops at, 2,000 by default and without an option to
// change it: our own stack counter must be what stops a guest.
//
//go:linkname interpreterCeiling github.com/tetratelabs/wazero/internal/engine/interpreter.callStackCeiling
var interpreterCeiling int

var raiseOnce sync.Once

func raiseInterpreterCeiling(t testing.TB) {
	raiseOnce.Do(func() { interpreterCeiling = 1 << 20 })
}
