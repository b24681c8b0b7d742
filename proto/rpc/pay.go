package rpc

import (
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// MethodRelease asks a provider for its Release of a job that is to be paid.
const MethodRelease = "job.release" // ReleaseRequest -> Released

// MethodAgreement asks a job's provider or its consumer what they agreed on: a juror that is drawn on a chain has heard of nobody before.
const MethodAgreement = "job.agreement" // JobRef -> Agreement

// ReleaseRequest asks for a Release of the job's terms. Total is that of the voucher which the consumer gives for it.
type ReleaseRequest struct {
	Job   msg.Hash   `cbor:"1,keyasint"`
	Total msg.Amount `cbor:"2,keyasint"`
}

// Released is the provider's signature under the msg.Release. Opened says instead that the job's escrow is open: it is to be paid by an
// Acceptance.
type Released struct {
	Sig    *identity.Signature `cbor:"1,keyasint,omitempty"`
	Opened bool                `cbor:"2,keyasint,omitempty"`
}
