package msg

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/sha3"
)

// Word is a field of typed data as EIP-712 encodes it.
type Word = [32]byte

// Struct is a message as EIP-712 typed data: its type, and its fields in the type's order.
type Struct struct {
	Type   string // as "Voucher(address consumer,address payee,uint128 total)"
	Fields []Word
}

// Typed is a message that a contract must be able to judge. It is signed as typed data (https://eips.ethereum.org/EIPS/eip-712), whose
// fields are all that contracts look at, and the hash of the rest. TypedData fails where the message has what the fields do not bind.
type Typed interface {
	Hashed
	TypedData() (Struct, error)
}

// TypedDomain is where a signature on typed data counts. ChainID and Contract are zero of messages that are bound by the job they are about.
type TypedDomain struct {
	ChainID  uint64  `cbor:"1,keyasint" json:"chain_id"`
	Contract Account `cbor:"2,keyasint" json:"contract"`
}

// Hash is the domain's separator.
func (d TypedDomain) Hash() Word {
	if d == (TypedDomain{}) {
		s := Struct{"EIP712Domain(string name,string version)", []Word{keccak([]byte("gwrun")), keccak([]byte("1"))}}
		return s.Hash()
	}
	s := Struct{"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
		[]Word{keccak([]byte("gwrun")), keccak([]byte("1")), number(d.ChainID), d.Contract.word()}}
	return s.Hash()
}

// Hash is EIP-712's hashStruct.
func (s Struct) Hash() Word {
	t := keccak([]byte(s.Type))
	b := t[:]
	for _, f := range s.Fields {
		b = append(b, f[:]...)
	}
	return keccak(b)
}

// TypedDigest is what is signed for typed data.
func TypedDigest(d TypedDomain, v Typed) (Word, error) {
	s, err := v.TypedData()
	if err != nil {
		return Word{}, err
	}
	domain, hash := d.Hash(), s.Hash()
	return keccak(append(append([]byte{0x19, 1}, domain[:]...), hash[:]...)), nil
}

func keccak(b []byte) (w Word) {
	h := sha3.NewLegacyKeccak256()
	h.Write(b)
	h.Sum(w[:0])
	return w
}

func number(n uint64) (w Word) {
	binary.BigEndian.PutUint64(w[24:], n)
	return w
}

func (a Account) word() (w Word) {
	copy(w[12:], a[:])
	return w
}

func (a Amount) word() (w Word) {
	copy(w[16:], a[:])
	return w
}

// DeviceKind is a kind of device as contracts have it: its first 8 bytes, zeros behind it.
func DeviceKind(kind string) (k [8]byte) {
	copy(k[:], kind)
	return k
}

// TypedData binds the whole receipt by its hash.
func (r Receipt) TypedData() (Struct, error) {
	var device Word
	kind := DeviceKind(r.Device)
	copy(device[:], kind[:])
	return Struct{"Receipt(bytes32 job,bytes32 hash,bytes32 trace,uint64 intervals,uint64 ended,address provider,bytes8 device)",
		[]Word{Word(r.Job), Word(HashOf(r)), Word(r.Trace), number(r.Intervals), number(uint64(r.Ended)), r.Provider.word(), device}}, nil
}

// Terms is what a consumer and a provider agree on about a job, and both sign: what a contract needs to hold the money and to end their
// quarrels. All sums are in the token of the market that the signatures are for.
type Terms struct {
	Job      Hash    `cbor:"1,keyasint" json:"job"`
	Consumer Account `cbor:"2,keyasint" json:"consumer"`
	Provider Account `cbor:"3,keyasint" json:"provider"`
	Price    Amount  `cbor:"4,keyasint" json:"price"`  // to the provider
	Fee      Amount  `cbor:"5,keyasint" json:"fee"`    // to each juror
	Bond     Amount  `cbor:"6,keyasint" json:"bond"`   // of the provider's stake, lost if it is convicted
	Saving   Amount  `cbor:"7,keyasint" json:"saving"` // the most that a lie can save
	Opens    uint64  `cbor:"8,keyasint" json:"opens"`  // Unix seconds: the last at which the market takes the job
	Deadline uint64  `cbor:"9,keyasint" json:"deadline"`
	Window   uint32  `cbor:"10,keyasint" json:"window"` // this and the following as in Policy
	Clock    uint32  `cbor:"11,keyasint" json:"clock"`

	SamplePPM  uint32 `cbor:"12,keyasint" json:"sample_ppm"`
	Validators uint32 `cbor:"13,keyasint" json:"validators"`
	Candidates Hash   `cbor:"14,keyasint" json:"candidates"` // PackedCandidates.Hash
}

// TypedData has every field.
func (t Terms) TypedData() (Struct, error) {
	return Struct{"Terms(bytes32 job,address consumer,address provider,uint128 price,uint128 fee,uint128 bond,uint128 saving,uint64 opens,uint64 deadline,uint32 window,uint32 clock,uint32 samplePPM,uint32 validators,bytes32 candidates)",
		[]Word{Word(t.Job), t.Consumer.word(), t.Provider.word(), t.Price.word(), t.Fee.word(), t.Bond.word(), t.Saving.word(), number(t.Opens), number(t.Deadline),
			number(uint64(t.Window)), number(uint64(t.Clock)), number(uint64(t.SamplePPM)), number(uint64(t.Validators)), Word(t.Candidates)}}, nil
}

// PackedCandidates are a job's candidates as contracts read them: 20 bytes of account, 4 of weight (big-endian), 8 of DeviceKind each.
type PackedCandidates []byte

// Pack packs candidates in their order.
func Pack(candidates []Candidate) PackedCandidates {
	b := make(PackedCandidates, 0, 32*len(candidates))
	for _, c := range candidates {
		kind := DeviceKind(c.Device)
		b = append(binary.BigEndian.AppendUint32(append(b, c.Account[:]...), c.Weight), kind[:]...)
	}
	return b
}

// Hash is Keccak-256, as contracts take it.
func (p PackedCandidates) Hash() Hash { return Hash(keccak(p)) }

// Voucher is a consumer's cheque: Payee may draw from its deposit so much in all that the sum of what it drew is Total.
type Voucher struct {
	Consumer Account `cbor:"1,keyasint" json:"consumer"`
	Payee    Account `cbor:"2,keyasint" json:"payee"`
	Total    Amount  `cbor:"3,keyasint" json:"total"`
}

// TypedData has every field.
func (v Voucher) TypedData() (Struct, error) {
	return Struct{"Voucher(address consumer,address payee,uint128 total)", []Word{v.Consumer.word(), v.Payee.word(), v.Total.word()}}, nil
}

// Acceptance is a consumer's word that an escrow that was opened is to be paid: to the provider, and to each of these jurors its fee. Terms is
// Terms.ID: of one job there may be several, with different providers.
type Acceptance struct {
	Terms   Hash      `cbor:"1,keyasint" json:"terms"`
	Receipt Hash      `cbor:"2,keyasint" json:"receipt"`
	Jurors  []Account `cbor:"3,keyasint" json:"jurors"`
}

// TypedData has every field.
func (a Acceptance) TypedData() (Struct, error) {
	if len(a.Jurors) > MaxCandidates {
		return Struct{}, fmt.Errorf("acceptance with %d jurors, at most %d wanted", len(a.Jurors), MaxCandidates)
	}
	var jurors []byte
	for _, j := range a.Jurors {
		w := j.word()
		jurors = append(jurors, w[:]...)
	}
	return Struct{"Acceptance(bytes32 terms,bytes32 receipt,address[] jurors)", []Word{Word(a.Terms), Word(a.Receipt), keccak(jurors)}}, nil
}

// Release is a provider's word that it is paid for a job as soon as it can draw Total of the consumer in all. It is given before the voucher,
// and is worth nothing without one: so neither side has to trust the other to make the second step, and no job is paid twice.
type Release struct {
	Terms Hash   `cbor:"1,keyasint" json:"terms"` // Terms.ID
	Total Amount `cbor:"2,keyasint" json:"total"`
}

// TypedData has every field.
func (r Release) TypedData() (Struct, error) {
	return Struct{"Release(bytes32 terms,uint128 total)", []Word{Word(r.Terms), r.Total.word()}}, nil
}

// ID is what contracts call terms: the digest that both sign.
func (t Terms) ID(market TypedDomain) Hash {
	h, _ := TypedDigest(market, t) // terms are always typed data
	return Hash(h)
}

// Domain names each kind of message that is hashed or signed.
func (Terms) Domain() string      { return "Terms" }
func (Voucher) Domain() string    { return "Voucher" }
func (Acceptance) Domain() string { return "Acceptance" }
func (Release) Domain() string    { return "Release" }
