package evm

import (
	"encoding/binary"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// What is signed, as contracts have it. Fields are named as package abi wants them.

type termsOf struct {
	Job                                  [32]byte
	Consumer, Provider                   common.Address
	Price, Fee, Bond, Saving             *big.Int
	Opens, Deadline                      uint64
	Window, Clock, SamplePPM, Validators uint32
	Candidates                           [32]byte
}

func terms(t *msg.Terms) termsOf {
	return termsOf{t.Job, common.Address(t.Consumer), common.Address(t.Provider), t.Price.Big(), t.Fee.Big(), t.Bond.Big(), t.Saving.Big(),
		t.Opens, t.Deadline, t.Window, t.Clock, t.SamplePPM, t.Validators, t.Candidates}
}

// ofTerms reads terms that somebody showed to a contract.
func ofTerms(t *termsOf) (out msg.Terms, err error) {
	out = msg.Terms{Job: t.Job, Consumer: msg.Account(t.Consumer), Provider: msg.Account(t.Provider), Opens: t.Opens, Deadline: t.Deadline,
		Window: t.Window, Clock: t.Clock, SamplePPM: t.SamplePPM, Validators: t.Validators, Candidates: t.Candidates}
	for _, x := range []struct {
		to   *msg.Amount
		from *big.Int
	}{{&out.Price, t.Price}, {&out.Fee, t.Fee}, {&out.Bond, t.Bond}, {&out.Saving, t.Saving}} {
		if *x.to, err = msg.AmountOfBig(x.from); err != nil {
			return out, err
		}
	}
	return out, nil
}

type receiptOf struct {
	Job, Hash, Trace [32]byte
	Intervals, Ended uint64
	Provider         common.Address
	Device           [8]byte
}

func receipt(r *msg.Receipt) receiptOf {
	return receiptOf{r.Job, msg.HashOf(*r), r.Trace, r.Intervals, uint64(r.Ended), common.Address(r.Provider), msg.DeviceKind(r.Device)}
}

type acceptanceOf struct {
	Terms, Receipt [32]byte
	Jurors         []common.Address
}

func acceptance(a *msg.Acceptance) acceptanceOf {
	out := acceptanceOf{a.Terms, a.Receipt, []common.Address{}}
	for _, j := range a.Jurors {
		out.Jurors = append(out.Jurors, common.Address(j))
	}
	return out
}

type chargeOf struct {
	Accused  common.Address
	Evidence [32]byte
	Size     uint64
	Salt     [32]byte
}

// jobOf is contracts' Job.
type jobOf struct {
	State, Seats, Draws, Waiting, Valid uint8
	Holds                               uint16
	Since, Promises                     *big.Int
	Clock                               uint32
	SeedBlock, Resumed                  *big.Int
	Receipt, Seed                       [32]byte
}

// The states of a job on the chain.
const (
	jobNone = iota
	jobOpened
	jobCommitted
	jobSealed
	jobDone
)

// seatOf is contracts' Seat.
type seatOf struct {
	Juror      common.Address
	State      uint8
	Until      *big.Int
	Commitment [32]byte
}

// The states of a juror's seat.
const (
	seatNone = iota
	seatSeated
	seatPromised
	seatValid
	seatInvalid
	seatAccusing
	seatOut
)

// The ways a job ends on the chain.
const (
	endAccepted = iota
	endSettled
	endReleased
	endExpired
	endAbandoned
	endConvicted
)

// endNames are what people read.
var endNames = []string{"accepted", "settled", "released", "expired", "abandoned", "convicted"}

func endName(n uint8) string {
	if int(n) < len(endNames) {
		return endNames[n]
	}
	return fmt.Sprintf("end %d", n)
}

// values are verdicts as contracts count them.
var values = map[msg.Value]uint8{msg.Valid: 1, msg.Invalid: 2, msg.Unavailable: 3}

// word is a number as a word.
func word(n uint64) (w msg.Word) { binary.BigEndian.PutUint64(w[24:], n); return w }

// right is an account as a word.
func right(a msg.Account) (w msg.Word) { copy(w[12:], a[:]); return w }

func keccak(words ...msg.Word) msg.Hash {
	var b []byte
	for _, w := range words {
		b = append(b, w[:]...)
	}
	return msg.Hash(crypto.Keccak256Hash(b))
}

// verdictHash is what a juror promises.
func verdictHash(id msg.Hash, juror msg.Account, value uint8, interval uint64, salt msg.Hash) msg.Hash {
	return keccak(msg.Word(id), right(juror), word(uint64(value)), word(interval), msg.Word(salt))
}

// ballotHash is what a member of a committee promises.
func ballotHash(chain uint64, committee msg.Account, id uint64, round uint8, member msg.Account, ballot Ballot, salt msg.Hash) msg.Hash {
	return keccak(word(chain), right(committee), word(id), word(uint64(round)), right(member), word(uint64(ballot)), msg.Word(salt))
}

// claimHash is what an accuser claims: what it will accuse of, which nobody can guess.
func claimHash(by msg.Account, id msg.Hash, accused msg.Account, evidence msg.Blob, salt msg.Hash) msg.Hash {
	subject := keccak(msg.Word(id), right(accused), msg.Word(evidence.Root), word(evidence.Size))
	return keccak(right(by), msg.Word(subject), msg.Word(salt))
}

// salt is a secret of this key for one purpose: the same after any restart, and known to nobody else before it is shown.
func salt(key *identity.Identity, what string, names ...any) msg.Hash {
	return msg.Hash(key.Secret(fmt.Sprintln(append([]any{"settle/evm", what}, names...)...)))
}
