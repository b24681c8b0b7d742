package validator

import (
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/proto/msg"
)

// Lies are what a validator does otherwise than an honest one, to test the others. Nil functions are honest. Asked about the same thing
// again, each has to do the same again.
type Lies struct {
	// Verdict may change what was found about an interval of a provider's, before it is signed.
	Verdict func(provider msg.Account, v *msg.Verdict)
	// Record may change the record that a challenge claims.
	Record func(*msg.Interval)
	// Account may change what is said in a dispute.
	Account func(c *dispute.Challenge, account dispute.Prover) dispute.Prover
}
