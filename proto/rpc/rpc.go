// Package rpc is what nodes ask of each other: the methods' names, their requests and answers. Each request travels on a
// QUIC stream of its own (package transport).
package rpc

import (
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// Methods of a node.
const (
	MethodInfo     = "node.info"      // NodeInfoRequest -> NodeInfo
	MethodOffer    = "job.offer"      // Offer -> Bid
	MethodStart    = "job.start"      // Start -> JobStatus
	MethodStatus   = "job.status"     // JobRef -> JobStatus
	MethodWatch    = "job.watch"      // Watch -> JobEvent ... (a stream, until the job is over)
	MethodReveal   = "job.reveal"     // Reveal -> JobStatus
	MethodCancel   = "job.cancel"     // JobRef -> JobStatus
	MethodList     = "job.list"       // ListRequest -> JobList
	MethodLogs     = "job.logs"       // JobRef -> JobLog
	MethodRecords  = "job.records"    // JobRef -> JobRecords
	MethodManifest = "state.manifest" // StateRef -> Manifest
	MethodDetail   = "job.detail"     // StateRef -> Detail
	MethodBuffer   = "job.buffer"     // BufferRef -> BufferBytes
	MethodValidate = "validate.job"   // ValidateRequest -> ValidateEvent ... (a stream)

	MethodChallenge = "dispute.challenge" // ChallengeRequest -> Signed (dispute.Challenge)
	MethodMove      = "dispute.move"      // Dispute -> Signed (dispute.Move)
	MethodProof     = "dispute.proof"     // Dispute -> ProofPart ... (a stream)
)

// NodeInfoRequest asks a node what it is.
type NodeInfoRequest struct{}

// NodeInfo is what a node says of itself.
type NodeInfo struct {
	Version   string       `cbor:"1,keyasint" json:"version"`
	Roles     []string     `cbor:"2,keyasint" json:"roles"` // "provider", "validator"
	Semantics string       `cbor:"3,keyasint" json:"semantics"`
	ABI       string       `cbor:"4,keyasint" json:"abi"`
	Gas       string       `cbor:"5,keyasint" json:"gas"`
	Devices   []DeviceInfo `cbor:"6,keyasint" json:"devices"`
	Jobs      uint32       `cbor:"7,keyasint" json:"jobs"` // running now
	MaxJobs   uint32       `cbor:"8,keyasint" json:"max_jobs"`
	Queued    uint32       `cbor:"9,keyasint" json:"queued"`
	MaxQueue  uint32       `cbor:"10,keyasint" json:"max_queue"`
	Name      string       `cbor:"11,keyasint,omitempty" json:"name,omitempty"` // what its operator calls it
}

// DeviceInfo is a device a node offers.
type DeviceInfo struct {
	ID       string `cbor:"1,keyasint" json:"id"`
	Kind     string `cbor:"2,keyasint" json:"kind"`
	Name     string `cbor:"3,keyasint" json:"name"`
	Backend  string `cbor:"4,keyasint" json:"backend"`
	Lowering string `cbor:"5,keyasint,omitempty" json:"lowering,omitempty"`
	Probe    string `cbor:"6,keyasint,omitempty" json:"probe,omitempty"` // digest of the battery it passed
}

// Offer asks a provider for a bid on a job.
type Offer struct {
	Spec identity.Signed `cbor:"1,keyasint"` // of a JobSpec
}

// Bid answers an offer. A refusal gives its reason and the requirement that ruled the provider out.
type Bid struct {
	Job      msg.Hash    `cbor:"1,keyasint" json:"job"`
	Provider msg.Account `cbor:"2,keyasint" json:"provider"`
	Accept   bool        `cbor:"3,keyasint" json:"accept"`
	Price    uint64      `cbor:"4,keyasint" json:"price"`
	Start    uint32      `cbor:"5,keyasint" json:"start"` // jobs that will run before it
	Device   string      `cbor:"6,keyasint" json:"device"`
	Rule     string      `cbor:"7,keyasint,omitempty" json:"rule,omitempty"`   // "device_kind", "memory", "probe", "queue", "version", "limits", "deadline"
	Reason   string      `cbor:"8,keyasint,omitempty" json:"reason,omitempty"` // for people
}

// Start gives a provider the job it bid on. Repeating it changes nothing. The provider fetches the blobs it lacks, named in
// JobStatus.Missing, from the consumer over the connection the request came by.
type Start struct {
	Spec identity.Signed `cbor:"1,keyasint"`
}

// JobRef names a job.
type JobRef struct {
	Job msg.Hash `cbor:"1,keyasint"`
}

// JobState is where a job is in its life at a provider.
type JobState string

const (
	StateWaiting   JobState = "waiting" // for blobs
	StateQueued    JobState = "queued"
	StateRunning   JobState = "running"
	StateDone      JobState = "done" // there is a receipt
	StateCancelled JobState = "cancelled"
	StateBroken    JobState = "broken" // the provider cannot run it: Error says why
)

// Over reports whether the job will not change any more.
func (s JobState) Over() bool { return s == StateDone || s == StateCancelled || s == StateBroken }

// JobStatus is what a provider says of a job.
type JobStatus struct {
	Job       msg.Hash    `cbor:"1,keyasint" json:"job"`
	State     JobState    `cbor:"2,keyasint" json:"state"`
	Step      uint64      `cbor:"3,keyasint" json:"step"`
	Fraction  float64     `cbor:"4,keyasint" json:"fraction"`
	Message   string      `cbor:"5,keyasint,omitempty" json:"message,omitempty"`
	Intervals uint64      `cbor:"6,keyasint" json:"intervals"` // committed so far
	Gas       uint64      `cbor:"7,keyasint" json:"gas"`
	GPUGas    uint64      `cbor:"8,keyasint" json:"gpu_gas"`
	Missing   []msg.Blob  `cbor:"9,keyasint,omitempty" json:"missing,omitempty"`
	Error     string      `cbor:"10,keyasint,omitempty" json:"error,omitempty"`
	Restarts  uint32      `cbor:"11,keyasint" json:"restarts"` // times it went on from a checkpoint
	Consumer  msg.Account `cbor:"12,keyasint" json:"consumer"`
	Created   int64       `cbor:"13,keyasint" json:"created"` // Unix seconds
	Device    string      `cbor:"14,keyasint,omitempty" json:"device,omitempty"`
}

// Watch asks for a job's events from interval From on.
type Watch struct {
	Job  msg.Hash `cbor:"1,keyasint"`
	From uint64   `cbor:"2,keyasint"`
}

// JobEvent is one thing that happened: a status, a committed interval, the receipt.
type JobEvent struct {
	Status   *JobStatus       `cbor:"1,keyasint,omitempty"`
	Interval *identity.Signed `cbor:"2,keyasint,omitempty"` // of an IntervalCommit
	Receipt  *identity.Signed `cbor:"3,keyasint,omitempty"`
}

// IntervalCommit binds an interval record to its job; signing two different ones for one index is a proven lie.
type IntervalCommit struct {
	Job    msg.Hash     `cbor:"1,keyasint" json:"job"`
	Record msg.Interval `cbor:"2,keyasint" json:"record"`
}

// Reveal opens the consumer's share of the beacon.
type Reveal struct {
	Job    msg.Hash `cbor:"1,keyasint"`
	Secret msg.Hash `cbor:"2,keyasint"`
}

// ListRequest asks for a node's jobs.
type ListRequest struct {
	Over bool `cbor:"1,keyasint"` // only those with a receipt and a reveal: what a validator can check
}

// JobList is the answer.
type JobList struct {
	Jobs []JobStatus `cbor:"1,keyasint" json:"jobs"`
}

// JobLog is what a job's guest logged.
type JobLog struct {
	Text []byte `cbor:"1,keyasint"`
}

// JobRecords is all a validator needs to begin.
type JobRecords struct {
	Spec      identity.Signed   `cbor:"1,keyasint" json:"spec"`
	Receipt   identity.Signed   `cbor:"2,keyasint" json:"receipt"`
	Intervals []identity.Signed `cbor:"3,keyasint" json:"intervals"` // of IntervalCommit, in order
	Secret    *msg.Hash         `cbor:"4,keyasint,omitempty" json:"secret,omitempty"`
}

// StateRef names the state after an interval of a job, or the interval itself.
type StateRef struct {
	Job      msg.Hash `cbor:"1,keyasint"`
	Interval uint64   `cbor:"2,keyasint"`
}

// Manifest is the table of a state's pages; the pages themselves are fetched by hash.
type Manifest struct {
	Body []byte `cbor:"1,keyasint"`
}

// Detail is a provider's account of one interval, step by step and call by call (runtime/trace.Detail encoded).
type Detail struct {
	Body []byte `cbor:"1,keyasint"`
}

// BufferRef names a buffer as it stood after one dispatch.
type BufferRef struct {
	Job      msg.Hash `cbor:"1,keyasint"`
	Interval uint64   `cbor:"2,keyasint"`
	Step     uint64   `cbor:"3,keyasint"`
	Call     uint64   `cbor:"4,keyasint"`
	Binding  string   `cbor:"5,keyasint"` // "G.B"
}

// BufferBytes is its content.
type BufferBytes struct {
	Data []byte `cbor:"1,keyasint"`
}

// ValidateRequest asks a validator to check a finished job. The validator draws its own sample from the beacon and
// replays the intervals in Also too: where replicas of the job disagree.
type ValidateRequest struct {
	Records  JobRecords `cbor:"1,keyasint"`
	Provider string     `cbor:"2,keyasint"` // HOST:PORT
	Also     []uint64   `cbor:"3,keyasint"`
}

// ValidateEvent is one step of a validator's work: what it drew, then a verdict for each.
type ValidateEvent struct {
	Sample  []uint64         `cbor:"1,keyasint,omitempty"` // the intervals it will replay
	Verdict *identity.Signed `cbor:"2,keyasint,omitempty"`
	Note    string           `cbor:"3,keyasint,omitempty"`
}

// ChallengeRequest asks a validator that found an interval invalid to dispute it, before a referee whose clock counts.
type ChallengeRequest struct {
	Job      msg.Hash    `cbor:"1,keyasint"`
	Interval uint64      `cbor:"2,keyasint"`
	Referee  msg.Account `cbor:"3,keyasint"`
	Clock    uint32      `cbor:"4,keyasint"` // seconds
}

// Dispute is a dispute as far as it has come.
type Dispute struct {
	Challenge identity.Signed   `cbor:"1,keyasint"`
	Moves     []identity.Signed `cbor:"2,keyasint"`
}

// ProofPart is a piece of an encoded runtime.Proof.
type ProofPart struct {
	Data []byte `cbor:"1,keyasint"`
}

// Domain names the kind of message that is signed.
func (Bid) Domain() string            { return "Bid" }
func (IntervalCommit) Domain() string { return "IntervalCommit" }
