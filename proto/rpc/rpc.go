// Package rpc is what nodes ask of each other: the methods' names, their requests and answers. Each request travels on a
// QUIC stream of its own (package transport).
package rpc

import (
	"encoding/binary"
	"fmt"

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
	MethodReveal   = "job.reveal"     // RevealRequest -> JobStatus
	MethodCancel   = "job.cancel"     // JobRef -> JobStatus
	MethodList     = "job.list"       // ListRequest -> JobList
	MethodLogs     = "job.logs"       // JobRef -> JobLog
	MethodRecords  = "job.records"    // JobRef -> JobRecords
	MethodManifest = "state.manifest" // StateRef -> Manifest
	MethodDetail   = "job.detail"     // StateRef -> Detail
	MethodBuffer   = "job.buffer"     // BufferRef -> BufferBytes
	MethodJudged   = "job.judged"     // Judged -> JobStatus
	MethodPay      = "job.pay"        // Payment -> Paid
	MethodValidate = "validate.job"   // ValidateRequest -> ValidateEvent ... (a stream)

	MethodPromise = "validate.promise" // JobRef -> Signed (VerdictCommit)
	MethodVerdict = "validate.open"    // OpenRequest -> Opened
	MethodFee     = "validate.pay"     // Payment -> Paid

	MethodWitness = "witness.absence" // WitnessRequest -> WitnessAnswer
	MethodBring   = "witness.reveal"  // RevealRequest -> Brought
	MethodLeft    = "witness.receipt" // JobRef -> Left

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
	// Announcement is for others to find the node by.
	Announcement identity.Signed `cbor:"12,keyasint" json:"announcement"`
	// Listing is what a provider sells.
	Listing *identity.Signed `cbor:"13,keyasint,omitempty" json:"listing,omitempty"` // of a Listing
}

// Announcement is where a node says that it can be found.
type Announcement struct {
	Version uint        `cbor:"1,keyasint" json:"version"` // 1
	Account msg.Account `cbor:"2,keyasint" json:"account"`
	Addrs   []string    `cbor:"3,keyasint" json:"addresses"` // HOST:PORT, at most MaxAddrs, to be tried in order
	Device  string      `cbor:"4,keyasint" json:"device"`    // the kind of device it computes on, "" for none
	Since   int64       `cbor:"5,keyasint" json:"since"`     // Unix seconds
	Until   int64       `cbor:"6,keyasint" json:"until"`
}

// MaxAddrs is how many addresses a node may announce.
const MaxAddrs = 8

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
	Spec   identity.Signed `cbor:"1,keyasint"` // of a JobSpec
	Tender identity.Signed `cbor:"2,keyasint"` // of a Tender on it
}

// Bid answers an offer. A refusal gives its reason and the requirement that ruled the provider out.
type Bid struct {
	Job      msg.Hash    `cbor:"1,keyasint" json:"job"`
	Provider msg.Account `cbor:"2,keyasint" json:"provider"`
	Accept   bool        `cbor:"3,keyasint" json:"accept"`
	Price    msg.Amount  `cbor:"4,keyasint" json:"price"`
	Start    uint32      `cbor:"5,keyasint" json:"start"` // jobs that will run before it
	Device   string      `cbor:"6,keyasint" json:"device"`
	Rule     string      `cbor:"7,keyasint,omitempty" json:"rule,omitempty"`   // the first of Fails
	Reason   string      `cbor:"8,keyasint,omitempty" json:"reason,omitempty"` // for people
	// Fails are all the requirements that the provider does not meet.
	Fails []Fail `cbor:"9,keyasint,omitempty" json:"fails,omitempty"`
	// Speed and GPUSpeed are what it has measured in the jobs it finished: gas of the module and gas of kernels a second, 0 if it does not
	// know. Wait is how many seconds it expects to pass before the job runs.
	Speed    uint64 `cbor:"10,keyasint,omitempty" json:"speed,omitempty"`
	GPUSpeed uint64 `cbor:"11,keyasint,omitempty" json:"gpu_speed,omitempty"`
	Wait     uint32 `cbor:"12,keyasint,omitempty" json:"wait,omitempty"`
	// Terms is what the provider agrees to at its price, with Sig, its signature for the job's market. Nil in free mode.
	Terms *msg.Terms         `cbor:"13,keyasint,omitempty" json:"terms,omitempty"`
	Sig   identity.Signature `cbor:"14,keyasint" json:"sig"`
}

// Fail is a requirement that a provider does not meet. Have and Want are numbers where the requirement is one (bytes, seconds, jobs).
type Fail struct {
	Rule   string `cbor:"1,keyasint" json:"rule"` // "memory", "device_kind" ... (package provider)
	Reason string `cbor:"2,keyasint" json:"reason"`
	Have   uint64 `cbor:"3,keyasint,omitempty" json:"have,omitempty"`
	Want   uint64 `cbor:"4,keyasint,omitempty" json:"want,omitempty"`
}

// Start gives a provider the job it bid on. Repeating it changes nothing. The provider fetches the blobs it lacks, named in
// JobStatus.Missing, from the consumer over the connection the request came by.
type Start struct {
	Spec identity.Signed `cbor:"1,keyasint"`
	// Prior are the signed records of the intervals that the job goes on from, where its Prior names some.
	Prior []identity.Signed `cbor:"2,keyasint"`
	// Sources are addresses of nodes that may have the state behind those.
	Sources []string `cbor:"3,keyasint"`
	// Announcements are the candidates' own, so that the provider can find witnesses too.
	Announcements []identity.Signed `cbor:"4,keyasint"`
	// Earlier are the jobs that Prior was signed for (JobRecords.Earlier). State is the manifest of the state behind Prior, as a blob that
	// the consumer has; nil without one.
	Earlier []identity.Signed `cbor:"5,keyasint,omitempty"`
	State   *msg.Blob         `cbor:"6,keyasint,omitempty"`
	// Agreement is what both signed, nil in free mode.
	Agreement *Agreement `cbor:"7,keyasint,omitempty"`
}

// Agreement is the terms of a job that its consumer and its provider agreed on. Without a market only the job, its consumer and its provider are named,
// and nobody signs.
type Agreement struct {
	Terms       msg.Terms          `cbor:"1,keyasint" json:"terms"`
	ConsumerSig identity.Signature `cbor:"2,keyasint" json:"consumer_sig"`
	ProviderSig identity.Signature `cbor:"3,keyasint" json:"provider_sig"`
}

// Unpaid is the agreement on a job in free mode.
func Unpaid(spec *msg.JobSpec, provider msg.Account) Agreement {
	return Agreement{Terms: msg.Terms{Job: msg.HashOf(*spec), Consumer: spec.Consumer, Provider: provider}}
}

// Payment pays for a job: a provider, or a validator that judged it. One of Voucher and Acceptance is given, with the consumer's signature for
// the job's market.
type Payment struct {
	Job        msg.Hash           `cbor:"1,keyasint" json:"job"`
	Voucher    *msg.Voucher       `cbor:"2,keyasint,omitempty" json:"voucher,omitempty"`
	Acceptance *msg.Acceptance    `cbor:"3,keyasint,omitempty" json:"acceptance,omitempty"`
	Sig        identity.Signature `cbor:"4,keyasint" json:"sig"`
}

// Paid says that a payment was taken.
type Paid struct{}

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

// Reveal opens the consumer's share of the beacon, once there is a receipt.
type Reveal struct {
	Job    msg.Hash `cbor:"1,keyasint" json:"job"`
	Secret msg.Hash `cbor:"2,keyasint" json:"secret"`
}

// RevealRequest brings one to the provider, or to a witness.
type RevealRequest struct {
	Reveal identity.Signed `cbor:"1,keyasint"` // of a Reveal
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
	Reveal    *identity.Signed  `cbor:"4,keyasint,omitempty" json:"reveal,omitempty"`
	// Earlier are the jobs, oldest first, that the intervals before the job's Prior were signed for: without them nobody could tell
	// whether those who signed were asked to compute this program from this state.
	Earlier []identity.Signed `cbor:"5,keyasint,omitempty" json:"earlier,omitempty"` // of msg.JobSpec
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
	// Absences show to a validator that it was drawn in the place of others.
	Absences []identity.Signed `cbor:"4,keyasint"`
	// Sources are addresses of more nodes that may have what it needs; States are the manifests, by the interval that they are behind,
	// of states that those have as blobs.
	Sources []string            `cbor:"5,keyasint"`
	States  map[uint64]msg.Blob `cbor:"6,keyasint"`
	// Final says that there are no more sources: what is missing is to be found unavailable.
	Final bool `cbor:"7,keyasint,omitempty"`
	// Agreement is by what the validator is paid, nil in free mode.
	Agreement *Agreement `cbor:"8,keyasint,omitempty"`
}

// ValidateEvent is one step of a validator's work: what it drew, how far it has come, what it lacks, then what it commits itself to.
// While it works it sends one at least every quarter of the policy's clock, so that it is not taken for absent. Its verdicts come when
// every drawn validator has committed itself (MethodVerdict).
type ValidateEvent struct {
	Sample  []uint64         `cbor:"1,keyasint,omitempty"` // the intervals it will replay
	Checked uint64           `cbor:"2,keyasint,omitempty"` // how many of them it has replayed
	Promise *identity.Signed `cbor:"3,keyasint,omitempty"` // of a VerdictCommit
	Note    string           `cbor:"4,keyasint,omitempty"`
	// Missing are intervals that nobody gave it the state of. It commits itself to nothing then, unless the request is Final.
	Missing []uint64 `cbor:"5,keyasint,omitempty"`
}

// VerdictCommit binds a validator to its verdicts before it knows anybody else's. Hash is that of the Opening.
type VerdictCommit struct {
	Version   uint        `cbor:"1,keyasint" json:"version"` // 1
	Job       msg.Hash    `cbor:"2,keyasint" json:"job"`
	Receipt   msg.Hash    `cbor:"3,keyasint" json:"receipt"`
	Validator msg.Account `cbor:"4,keyasint" json:"validator"`
	Hash      msg.Hash    `cbor:"5,keyasint" json:"hash"`
}

// Opening opens a VerdictCommit. It names its validator: a copy of another's opens nothing.
type Opening struct {
	Version   uint        `cbor:"1,keyasint" json:"version"` // 1
	Job       msg.Hash    `cbor:"2,keyasint" json:"job"`
	Receipt   msg.Hash    `cbor:"3,keyasint" json:"receipt"`
	Validator msg.Account `cbor:"4,keyasint" json:"validator"`
	Salt      msg.Hash    `cbor:"5,keyasint" json:"salt"`
	Verdicts  []msg.Hash  `cbor:"6,keyasint" json:"verdicts"` // of the verdicts, ascending by interval
}

// OpenRequest asks a validator for its verdicts. They are given once every validator that was drawn is bound: by its commitment, or,
// where witnesses found it absent, that of the one drawn in its place.
type OpenRequest struct {
	Job      msg.Hash          `cbor:"1,keyasint"`
	Promises []identity.Signed `cbor:"2,keyasint"` // of VerdictCommit
	Absences []identity.Signed `cbor:"3,keyasint"` // of Absence
}

// Opened is what a validator found.
type Opened struct {
	Opening  identity.Signed   `cbor:"1,keyasint" json:"opening"`
	Verdicts []identity.Signed `cbor:"2,keyasint" json:"verdicts"` // of msg.Verdict, ascending by interval
}

// Judged brings a provider what the validators of its job found, so that its own book comes to the same outcome.
type Judged struct {
	Job      msg.Hash          `cbor:"1,keyasint"`
	Promises []identity.Signed `cbor:"2,keyasint"` // of VerdictCommit
	Opened   []Opened          `cbor:"3,keyasint"`
	Absences []identity.Signed `cbor:"4,keyasint"` // of Absence
}

// Duty is what a party can owe.
type Duty string

// The duties whose neglect witnesses attest.
const (
	DutyReveal    Duty = "reveal"    // of the consumer: its share of the beacon
	DutyState     Duty = "state"     // of the provider: the state that an interval begins in, whole
	DutyPromise   Duty = "promise"   // of a validator: its commitment
	DutyVerdict   Duty = "verdict"   // of a validator: what opens its commitment
	DutyChallenge Duty = "challenge" // of a validator: to dispute what it found invalid
	DutyMove      Duty = "move"      // of a party of a dispute
)

// Absence is a witness's word that a party did not give what it owed, though the witness itself asked for it. It counts where most of
// the witnesses that were drawn give theirs.
type Absence struct {
	Version  uint        `cbor:"1,keyasint" json:"version"` // 1
	Job      msg.Hash    `cbor:"2,keyasint" json:"job"`
	Receipt  msg.Hash    `cbor:"3,keyasint" json:"receipt"`
	Who      msg.Account `cbor:"4,keyasint" json:"who"`
	Duty     Duty        `cbor:"5,keyasint" json:"duty"`
	Interval uint64      `cbor:"6,keyasint" json:"interval"` // of DutyState and DutyChallenge; else 0
	Before   msg.Hash    `cbor:"7,keyasint" json:"before"`   // of DutyMove: the hash of what was not answered; else zero
	Other    msg.Account `cbor:"8,keyasint" json:"other"`    // of DutyMove: the other party of the dispute, who is no witness either; else zero
	Since    int64       `cbor:"9,keyasint" json:"since"`    // Unix seconds by the witness's clock
	Until    int64       `cbor:"10,keyasint" json:"until"`
}

// WitnessRequest asks a witness to see for itself whether somebody does what it owes. The answer comes when it did, or when its clock has
// run out.
type WitnessRequest struct {
	Records JobRecords  `cbor:"1,keyasint"`
	Who     msg.Account `cbor:"2,keyasint"`
	// Announcement says, signed by Who, where it is to be found: nobody else can send a witness to a place where nobody is. It is nil of
	// DutyReveal.
	Announcement *identity.Signed `cbor:"3,keyasint,omitempty"`
	Duty         Duty             `cbor:"4,keyasint"`
	Interval     uint64           `cbor:"5,keyasint"`
	Dispute      *Dispute         `cbor:"6,keyasint,omitempty"` // of DutyMove: as far as it has come
	// Validate is of DutyPromise, Open of DutyVerdict and Challenge of DutyChallenge what the validator is asked with.
	Validate  *ValidateRequest  `cbor:"7,keyasint,omitempty"`
	Open      *OpenRequest      `cbor:"8,keyasint,omitempty"`
	Challenge *ChallengeRequest `cbor:"9,keyasint,omitempty"`
	// Absences show that a validator was drawn in the place of others.
	Absences []identity.Signed `cbor:"11,keyasint"`
}

// WitnessAnswer is the witness's word, or what it was given: one of them, or none while it is still waiting: then it is asked again.
type WitnessAnswer struct {
	Absence *identity.Signed `cbor:"1,keyasint,omitempty"` // of Absence
	Signed  *identity.Signed `cbor:"2,keyasint,omitempty"` // the reveal, the commitment, the challenge or the move
	Opened  *Opened          `cbor:"3,keyasint,omitempty"`
	// State is the manifest of the state, which the witness has now, pages and all, and gives to whoever asks.
	State *msg.Blob `cbor:"4,keyasint,omitempty"`
}

// Left is what a provider that waits for a consumer's share of the beacon has left with a witness of it: nil if nothing. A consumer that its
// provider does not show the receipt to sees it here, so that none can say it had been shown.
type Left struct {
	Records *JobRecords `cbor:"1,keyasint,omitempty"`
}

// Brought says that a witness has a consumer's share of the beacon.
type Brought struct{}

// ChallengeRequest asks a validator that found an interval invalid to dispute it. Whoever asks shows the verdict: it is about one receipt, and
// was opened. A validator disputes a receipt once: if it found more than one interval invalid, the challenge may be about another of them.
type ChallengeRequest struct {
	Verdict identity.Signed `cbor:"1,keyasint"` // of a msg.Verdict, the validator's own
	Referee msg.Account     `cbor:"2,keyasint"` // the job's consumer
	Clock   uint32          `cbor:"3,keyasint"` // the policy's, in seconds
}

// Dispute is a dispute as far as it has come.
type Dispute struct {
	Challenge identity.Signed   `cbor:"1,keyasint"`
	Moves     []identity.Signed `cbor:"2,keyasint"`
	// Absences show that the challenger was drawn in the place of others.
	Absences []identity.Signed `cbor:"3,keyasint"`
}

// ProofPart is a piece of an encoded runtime.Proof.
type ProofPart struct {
	Data []byte `cbor:"1,keyasint"`
}

// TypedData binds the record by its hash.
func (c IntervalCommit) TypedData() (msg.Struct, error) {
	var index msg.Word
	binary.BigEndian.PutUint64(index[24:], c.Record.Index)
	return msg.Struct{Type: "IntervalCommit(bytes32 job,uint64 index,bytes32 record)", Fields: []msg.Word{msg.Word(c.Job), index, msg.Word(msg.HashOf(c.Record))}}, nil
}

// TypedData does not have the version: there is one.
func (c VerdictCommit) TypedData() (msg.Struct, error) {
	if c.Version != 1 {
		return msg.Struct{}, fmt.Errorf("%w: VerdictCommit of version %d, wanted 1", msg.ErrDecode, c.Version)
	}
	var validator msg.Word
	copy(validator[12:], c.Validator[:])
	return msg.Struct{Type: "VerdictCommit(bytes32 job,bytes32 receipt,address validator,bytes32 hash)",
		Fields: []msg.Word{msg.Word(c.Job), msg.Word(c.Receipt), validator, msg.Word(c.Hash)}}, nil
}

// Domain names the kind of message that is signed.
func (Bid) Domain() string            { return "Bid" }
func (IntervalCommit) Domain() string { return "IntervalCommit" }
func (Reveal) Domain() string         { return "Reveal" }
func (VerdictCommit) Domain() string  { return "VerdictCommit" }
func (Opening) Domain() string        { return "Opening" }
func (Absence) Domain() string        { return "Absence" }
func (Announcement) Domain() string   { return "Announcement" }
