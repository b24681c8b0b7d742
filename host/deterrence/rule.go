package deterrence

import (
	"fmt"
	"math/big"

	"github.com/gwrun/gwrun/proto/msg"
)

// Job is the rule as a contract computes it, in whole numbers: p(1-r)(R+S) >= 2C, where p is the chance that one false interval is replayed by
// one of the job's validators, each of which draws it with chance SamplePPM, and r the governed share of them that is taken to collude.
type Job struct {
	Price, Saving msg.Amount // R and C
	SamplePPM     uint32
	Validators    uint32
	CollusionPPM  uint32
}

const million = 1_000_000

// caughtPPM is p in millionths, rounded down at each step: what is rounded must never make cheating pay.
func (j *Job) caughtPPM() uint64 {
	rest := uint64(million - min(million, j.SamplePPM))
	missed := uint64(million)
	for range j.Validators {
		missed = (missed*rest + million - 1) / million
	}
	return million - missed
}

// loss is p(1-r) in 10^-12, and need is 2C in the same.
func (j *Job) loss() *big.Int {
	honest := uint64(million - min(million, j.CollusionPPM))
	return new(big.Int).SetUint64(j.caughtPPM() * honest)
}

func (j *Job) need() *big.Int {
	return new(big.Int).Mul(j.Saving.Big(), big.NewInt(Margin*million*million))
}

// Bond is the least stake that the provider has to have in the job. ok is false where no stake is enough.
func (j *Job) Bond() (bond msg.Amount, ok bool) {
	loss := j.loss()
	if loss.Sign() == 0 {
		return bond, j.Saving.IsZero()
	}
	sum := j.need()
	sum.Add(sum, loss).Sub(sum, big.NewInt(1)).Div(sum, loss) // rounded up
	if sum.Cmp(j.Price.Big()) <= 0 {
		return bond, true
	}
	bond, err := msg.AmountOfBig(sum.Sub(sum, j.Price.Big()))
	return bond, err == nil
}

// Refuse says why a job with this bond must not be opened; nil if it may be.
func (j *Job) Refuse(bond msg.Amount) error {
	at := new(big.Int).Add(j.Price.Big(), bond.Big())
	if at.Mul(at, j.loss()).Cmp(j.need()) >= 0 {
		return nil
	}
	least, ok := j.Bond()
	if !ok {
		return fmt.Errorf("the job's numbers do not deter: with a sample of %d millionths by %d validators no stake is enough; want a larger sample, or more validators", j.SamplePPM, j.Validators)
	}
	return fmt.Errorf("the job's numbers do not deter: a bond of %s, want at least %s, or a larger sample, or more validators", bond, least)
}

// Share is so many millionths of an amount, rounded up.
func Share(a msg.Amount, ppm uint32) msg.Amount {
	n := a.Big()
	n.Mul(n, big.NewInt(int64(ppm))).Add(n, big.NewInt(million-1)).Div(n, big.NewInt(million))
	s, err := msg.AmountOfBig(n)
	if err != nil { // more than there can be
		for i := range s {
			s[i] = 0xff
		}
	}
	return s
}
