package rpc

import (
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// Methods of the market. MethodOffer is answered with an open bid; where a tender is sealed, MethodSeal with a commitment to one, which
// MethodUnseal opens.
const (
	MethodSeal   = "market.seal"   // Offer -> Sealed
	MethodUnseal = "market.unseal" // Unseal -> Unsealed
	MethodBook   = "market.book"   // BookRequest -> MarketBook
)

// Tender is a consumer's call for bids on a job. Times are Unix milliseconds.
type Tender struct {
	Version  uint        `cbor:"1,keyasint" json:"version"` // 1
	Job      msg.Hash    `cbor:"2,keyasint" json:"job"`
	Consumer msg.Account `cbor:"3,keyasint" json:"consumer"`
	// Gas and GPUGas are what the consumer expects the job to use up, from earlier runs of it; 0 if it does not know.
	Gas    uint64 `cbor:"4,keyasint" json:"gas"`
	GPUGas uint64 `cbor:"5,keyasint" json:"gpu_gas"`
	Since  int64  `cbor:"6,keyasint" json:"since"`
	Until  int64  `cbor:"7,keyasint" json:"until"` // nobody bids on it later
	// Closes is when the bidding on a sealed tender is over; 0 for open bids. It is over sooner once all of Invited have committed
	// themselves: those who are asked, ascending by account, at most MaxInvited.
	Closes  int64         `cbor:"8,keyasint,omitempty" json:"closes,omitempty"`
	Invited []msg.Account `cbor:"9,keyasint" json:"invited"`
}

// MaxInvited is how many providers one tender may invite.
const MaxInvited = 256

// Sealed answers an offer on a sealed tender: with a commitment to a bid, or with an open bid that is a refusal and has no price to hide.
type Sealed struct {
	Commit  *identity.Signed `cbor:"1,keyasint,omitempty"` // of BidCommit
	Refusal *identity.Signed `cbor:"2,keyasint,omitempty"` // of Bid
}

// BidCommit binds a provider to a bid that nobody knows yet. Hash is that of the signed bid with a salt (package market).
type BidCommit struct {
	Version  uint        `cbor:"1,keyasint" json:"version"` // 1
	Tender   msg.Hash    `cbor:"2,keyasint" json:"tender"`
	Provider msg.Account `cbor:"3,keyasint" json:"provider"`
	Hash     msg.Hash    `cbor:"4,keyasint" json:"hash"`
}

// Unseal asks a provider to open its bid, and shows it all commitments there are, and who refused to bid: no bid can be made any more by who knows
// what it is.
type Unseal struct {
	Tender   msg.Hash          `cbor:"1,keyasint"`
	Commits  []identity.Signed `cbor:"2,keyasint"`           // of BidCommit, ascending by provider
	Refusals []identity.Signed `cbor:"3,keyasint,omitempty"` // of Bid, likewise
}

// Unsealed opens a BidCommit.
type Unsealed struct {
	Bid  identity.Signed `cbor:"1,keyasint"` // of Bid
	Salt msg.Hash        `cbor:"2,keyasint"`
}

// Listing is a provider's standing announcement of what it sells. Times are Unix seconds.
type Listing struct {
	Version  uint        `cbor:"1,keyasint" json:"version"` // 1
	Provider msg.Account `cbor:"2,keyasint" json:"provider"`
	Device   string      `cbor:"3,keyasint" json:"device"` // its kind
	Name     string      `cbor:"4,keyasint" json:"name"`   // the device's own
	Memory   uint64      `cbor:"5,keyasint" json:"memory"` // bytes that one job may use
	Probe    string      `cbor:"6,keyasint,omitempty" json:"probe,omitempty"`
	Region   string      `cbor:"7,keyasint,omitempty" json:"region,omitempty"` // a label, as its operator gives it
	// Speed and GPUSpeed are as in Bid.
	Speed    uint64      `cbor:"8,keyasint" json:"speed"`
	GPUSpeed uint64      `cbor:"9,keyasint" json:"gpu_speed"`
	Price    PricePolicy `cbor:"10,keyasint" json:"price"`
	Since    int64       `cbor:"11,keyasint" json:"since"`
	Until    int64       `cbor:"12,keyasint" json:"until"`
	// Market is where it is paid, nil where it works for nothing.
	Market *msg.TypedDomain `cbor:"13,keyasint,omitempty" json:"market,omitempty"`
	// Benchmark is what gwrun bench measured, signed by the provider; nil if it did not.
	Benchmark *identity.Signed `cbor:"14,keyasint,omitempty" json:"benchmark,omitempty"` // of Benchmark
}

// PricePolicy is the public part of how a provider makes its prices: Kind, and the amounts that this kind has.
type PricePolicy struct {
	Kind    string     `cbor:"1,keyasint" json:"kind"`             // "free", "fixed", "gas", "device-second" or "program"
	Fixed   msg.Amount `cbor:"2,keyasint,omitzero" json:"fixed"`   // a job
	Module  msg.Amount `cbor:"3,keyasint,omitzero" json:"module"`  // 10^9 gas of the module
	Kernel  msg.Amount `cbor:"4,keyasint,omitzero" json:"kernel"`  // 10^9 gas of kernels
	Second  msg.Amount `cbor:"5,keyasint,omitzero" json:"second"`  // a second of the device
	Floor   msg.Amount `cbor:"6,keyasint,omitzero" json:"floor"`   // the least for a job
	Ceiling msg.Amount `cbor:"7,keyasint,omitzero" json:"ceiling"` // the most; nothing is no bound
}

// Benchmark is what a node measured of itself, on the standard kernels and the standard module of that version (package bench).
type Benchmark struct {
	Version   uint        `cbor:"1,keyasint" json:"version"` // of the standard: 1
	Account   msg.Account `cbor:"2,keyasint" json:"account"`
	Device    DeviceInfo  `cbor:"3,keyasint" json:"device"`
	Semantics string      `cbor:"4,keyasint" json:"semantics"`
	Gas       string      `cbor:"5,keyasint" json:"gas"`
	Measured  int64       `cbor:"6,keyasint" json:"measured"` // Unix seconds
	// Module is the gas a second of the standard module, Kernels those of the standard kernels by class.
	Module  uint64        `cbor:"7,keyasint" json:"module"`
	Kernels []KernelSpeed `cbor:"8,keyasint" json:"kernels"`
}

// KernelSpeed is the speed of one class of kernels.
type KernelSpeed struct {
	Class string `cbor:"1,keyasint" json:"class"` // "compute", "memory", "reduce"
	Speed uint64 `cbor:"2,keyasint" json:"speed"` // gas a second
}

// BookRequest asks a node what it knows of the market.
type BookRequest struct{}

// MarketBook is what a node knows: what is sold and wanted in others' own words, and what was paid, in its own.
type MarketBook struct {
	Listings []identity.Signed `cbor:"1,keyasint" json:"-"`
	Tenders  []identity.Signed `cbor:"2,keyasint" json:"-"`
	Prices   []PriceSummary    `cbor:"3,keyasint" json:"prices"`
}

// PriceSummary is what 10^9 gas cost of late in one class of jobs: the kind of device, and whether most of the gas was the module's or kernels'.
type PriceSummary struct {
	Device string     `cbor:"1,keyasint" json:"device"`
	Work   string     `cbor:"2,keyasint" json:"work"` // "module" or "kernels"
	Jobs   uint32     `cbor:"3,keyasint" json:"jobs"`
	Since  int64      `cbor:"4,keyasint" json:"since"` // Unix seconds: of the oldest and the newest of them
	Until  int64      `cbor:"5,keyasint" json:"until"`
	Low    msg.Amount `cbor:"6,keyasint" json:"p10"`
	Lower  msg.Amount `cbor:"7,keyasint" json:"p25"`
	Median msg.Amount `cbor:"8,keyasint" json:"median"`
	Upper  msg.Amount `cbor:"9,keyasint" json:"p75"`
	High   msg.Amount `cbor:"10,keyasint" json:"p90"`
	Last   msg.Amount `cbor:"11,keyasint" json:"last"`
}

// Domain names each kind of message that is hashed or signed.
func (Tender) Domain() string    { return "Tender" }
func (BidCommit) Domain() string { return "BidCommit" }
func (Listing) Domain() string   { return "Listing" }
func (Benchmark) Domain() string { return "Benchmark" }
