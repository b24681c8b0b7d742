//go:build !amd64

package state

import "github.com/gwrun/gwrun/proto/msg"

const (
	wide  = false
	lanes = 16
)

func leaves16(*[lanes][]byte, *[lanes]msg.Hash) { panic("state: no wide registers") }
