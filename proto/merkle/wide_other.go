//go:build !amd64

package merkle

import "github.com/gwrun/gwrun/proto/msg"

const wide = false

func leaves16(*[lanes][]byte, *[lanes]msg.Hash) { panic("merkle: no wide registers") }
