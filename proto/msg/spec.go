package msg

// JobSpec is what a consumer signs: a program, who may run it and how it is checked.
type JobSpec struct {
	Version  uint         `cbor:"1,keyasint" json:"version"`
	Program  Program      `cbor:"2,keyasint" json:"program"`
	Consumer Account      `cbor:"3,keyasint" json:"consumer"`
	Require  Requirements `cbor:"4,keyasint" json:"require"`
	PriceCap uint64       `cbor:"5,keyasint" json:"price_cap"` // 0 in free mode
	Deadline int64        `cbor:"6,keyasint" json:"deadline"`  // Unix seconds
	Policy   Policy       `cbor:"7,keyasint" json:"policy"`
	// Commitment is the hash of the consumer's share of the sampling beacon, revealed after the receipt.
	Commitment Hash   `cbor:"8,keyasint" json:"commitment"`
	Nonce      uint64 `cbor:"9,keyasint" json:"nonce"` // makes two submissions of one program two jobs
}

// Requirements say which providers may bid. Zero values ask for nothing.
type Requirements struct {
	DeviceKind string `cbor:"1,keyasint,omitempty" json:"device_kind,omitempty" toml:"device_kind"` // "cpu", "gpu" or ""
	Memory     uint64 `cbor:"2,keyasint,omitempty" json:"memory,omitempty" toml:"memory"`           // bytes for GPU buffers
	Probe      string `cbor:"3,keyasint,omitempty" json:"probe,omitempty" toml:"probe"`             // probe digest
}

// Policy says how a result is checked.
type Policy struct {
	SamplePPM  uint32 `cbor:"1,keyasint" json:"sample_ppm"` // share of intervals each validator replays, in millionths; at least one is
	Validators uint32 `cbor:"2,keyasint" json:"validators"`
	Window     uint32 `cbor:"3,keyasint" json:"window"` // challenge window, seconds
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
