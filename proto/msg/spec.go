package msg

// JobSpec is what a consumer signs: a program, who may run it and how it is checked.
type JobSpec struct {
	Version  uint         `cbor:"1,keyasint" json:"version"`
	Program  Program      `cbor:"2,keyasint" json:"program"`
	Consumer Account      `cbor:"3,keyasint" json:"consumer"`
	Require  Requirements `cbor:"4,keyasint" json:"require"`
	PriceCap Amount       `cbor:"5,keyasint" json:"price_cap"` // 0 in free mode
	Deadline int64        `cbor:"6,keyasint" json:"deadline"`  // Unix seconds
	Policy   Policy       `cbor:"7,keyasint" json:"policy"`
	// Commitment is the hash of the consumer's share of the sampling beacon, revealed after the receipt.
	Commitment Hash   `cbor:"8,keyasint" json:"commitment"`
	Nonce      uint64 `cbor:"9,keyasint" json:"nonce"` // makes two submissions of one program two jobs
	// Prior is what the job goes on from, nil for one that begins at its beginning.
	Prior *Prior `cbor:"10,keyasint,omitempty" json:"prior,omitempty"`
	Times Times  `cbor:"11,keyasint" json:"times"`
	// Market is where the job is paid, nil in free mode.
	Market *TypedDomain `cbor:"12,keyasint,omitempty" json:"market,omitempty"`
}

// Prior is the good part of a run that its provider did not finish: another provider goes on behind it.
type Prior struct {
	Job       Hash   `cbor:"1,keyasint" json:"job"`       // under which those intervals were signed
	Intervals uint64 `cbor:"2,keyasint" json:"intervals"` // how many, at least 1
	Trace     Hash   `cbor:"3,keyasint" json:"trace"`     // Merkle root over their records
}

// Times split the time to the deadline, in seconds; 0 leaves a part unbounded. A provider that passes one gives the job back.
type Times struct {
	Queue uint32 `cbor:"1,keyasint" json:"queue"` // from the start request until it runs
	Setup uint32 `cbor:"2,keyasint" json:"setup"` // from the start request until its blobs are there
	Run   uint32 `cbor:"3,keyasint" json:"run"`   // from its first step until its receipt, restarts included
}

// Requirements say which providers may bid. Zero values ask for nothing.
type Requirements struct {
	DeviceKind string `cbor:"1,keyasint,omitempty" json:"device_kind,omitempty" toml:"device_kind"` // "cpu", "gpu" or ""
	Memory     uint64 `cbor:"2,keyasint,omitempty" json:"memory,omitempty" toml:"memory"`           // bytes for GPU buffers
	Probe      string `cbor:"3,keyasint,omitempty" json:"probe,omitempty" toml:"probe"`             // probe digest
	// Speed and GPUSpeed are the least gas a second of modules and of kernels that the provider has measured.
	Speed    uint64 `cbor:"4,keyasint,omitempty" json:"speed,omitempty" toml:"speed"`
	GPUSpeed uint64 `cbor:"5,keyasint,omitempty" json:"gpu_speed,omitempty" toml:"gpu_speed"`
	Region   string `cbor:"6,keyasint,omitempty" json:"region,omitempty" toml:"region"` // the label that its operator gave it
	Stake    Amount `cbor:"7,keyasint,omitzero" json:"stake,omitzero" toml:"stake"`     // the least it has staked
}

// Policy says how a result is checked.
type Policy struct {
	SamplePPM  uint32 `cbor:"1,keyasint" json:"sample_ppm"` // share of intervals each validator replays, in millionths; at least one is
	Validators uint32 `cbor:"2,keyasint" json:"validators"`
	Window     uint32 `cbor:"3,keyasint" json:"window"` // challenge window, seconds
	// Clock is how many seconds a party has for each thing that it owes once there is a receipt: the consumer its share of the
	// beacon, a validator its commitment and then its verdicts, a provider the data it is asked for.
	Clock uint32 `cbor:"4,keyasint" json:"clock"`
	// Candidates are those who may be drawn as validators and witnesses, ascending by account. They are fixed before the work, so
	// that nobody can choose them knowing the result.
	Candidates []Candidate `cbor:"5,keyasint" json:"candidates"`
}

// MaxCandidates is how many a job may name.
const MaxCandidates = 256

// Candidate is a node that may be drawn.
type Candidate struct {
	Account Account `cbor:"1,keyasint" json:"account"`
	Weight  uint32  `cbor:"2,keyasint" json:"weight"` // its share of the draw: reputation in free mode, stake on a chain; at least 1
	Device  string  `cbor:"3,keyasint" json:"device"` // the kind of device it replays on, "" if not known
}

// Verdict is one validator's finding about one interval of a receipt.
type Verdict struct {
	Version   uint        `cbor:"1,keyasint" json:"version"`
	Receipt   Hash        `cbor:"2,keyasint" json:"receipt"`
	Validator Account     `cbor:"3,keyasint" json:"validator"`
	Interval  uint64      `cbor:"4,keyasint" json:"interval"`
	Value     Value       `cbor:"5,keyasint" json:"verdict"`
	First     *Difference `cbor:"6,keyasint,omitempty" json:"first_difference,omitempty"`
	Missing   string      `cbor:"7,keyasint,omitempty" json:"missing,omitempty"` // unavailable: what, and asked when
	Device    string      `cbor:"8,keyasint" json:"device"`                      // what it was replayed on
	Job       Hash        `cbor:"9,keyasint" json:"job"`
}

// Value is one of the three values of a verdict.
type Value string

const (
	Valid       Value = "valid"
	Invalid     Value = "invalid"
	Unavailable Value = "unavailable"
)

// Difference is the first place where a claim and a replay part. Fields not narrowed down are nil.
type Difference struct {
	What      string     `cbor:"1,keyasint" json:"what"` // "dispatch", "host call", "guest", "state", "output", "gas", "record"
	Interval  *uint64    `cbor:"2,keyasint,omitempty" json:"interval,omitempty"`
	Step      *uint64    `cbor:"3,keyasint,omitempty" json:"step,omitempty"` // counted from 1
	Call      *uint64    `cbor:"4,keyasint,omitempty" json:"call,omitempty"` // host call within the step, from 0
	Function  string     `cbor:"5,keyasint,omitempty" json:"function,omitempty"`
	Kernel    string     `cbor:"6,keyasint,omitempty" json:"kernel,omitempty"` // entry point
	Workgroup *[3]uint32 `cbor:"7,keyasint,omitempty" json:"workgroup,omitempty"`
	Buffer    string     `cbor:"8,keyasint,omitempty" json:"buffer,omitempty"` // label or "G.B"
	Offset    *uint64    `cbor:"9,keyasint,omitempty" json:"offset,omitempty"` // byte of the first differing word in the buffer
	Claimed   string     `cbor:"10,keyasint,omitempty" json:"claimed,omitempty"`
	Computed  string     `cbor:"11,keyasint,omitempty" json:"computed,omitempty"`
}
