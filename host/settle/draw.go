package settle

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// OtherDevice is how many times its weight a candidate counts in the draw of validators where it replays on another kind of device than
// the provider says it computed on: what is wrong with one kind of device is seen on another.
const OtherDevice = 4

// Grace is how long everybody keeps what may be asked for beyond the end of a job's challenge window (msg.Receipt.Ended and
// msg.Policy.Window): a dispute that was opened in time is led to its end.
const Grace = time.Hour

// TrustedStreak is how many valid results in a row let a provider's checks fall to the job's sampling rate (the idea of BOINC's adaptive
// replication).
const TrustedStreak = 10

// MaxWitnesses is how many witnesses are drawn for one duty, as far as there are candidates.
const MaxWitnesses = 3

// CheckPolicy says what is wrong with a job's policy, nil if nothing: whoever takes part in a job looks before.
func CheckPolicy(p *msg.Policy) error {
	switch {
	case p.SamplePPM > 1_000_000:
		return fmt.Errorf("a sample of %d millionths of the intervals, at most 1000000 wanted", p.SamplePPM)
	case len(p.Candidates) > msg.MaxCandidates:
		return fmt.Errorf("%d candidates, at most %d wanted", len(p.Candidates), msg.MaxCandidates)
	case p.Validators > 0 && p.Clock == 0:
		return fmt.Errorf("%d validators and a clock of 0 seconds: nobody can be waited for", p.Validators)
	}
	for i, c := range p.Candidates {
		if c.Weight == 0 {
			return fmt.Errorf("candidate %s has weight 0, at least 1 wanted", c.Account)
		}
		if i > 0 && bytes.Compare(p.Candidates[i-1].Account[:], c.Account[:]) >= 0 {
			return fmt.Errorf("candidate %s comes after %s: wanted ascending, each once", c.Account, p.Candidates[i-1].Account)
		}
	}
	return nil
}

// Ranked draws n of the places of weights without putting them back, each time one with the chance of its share in the weight that is
// left, and gives them in the order in which they were drawn. Places of weight 0 are never drawn.
func Ranked(seed msg.Hash, label string, weights []uint64, n int) []int {
	left, total := slices.Clone(weights), uint64(0)
	for _, w := range left {
		total += w
	}
	var out []int
	for k := uint64(0); total > 0 && len(out) < n; k++ {
		h := sha256.New()
		h.Write([]byte("gwrun " + label + " 2\x00"))
		h.Write(seed[:])
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], k)
		h.Write(b[:])
		at := modulo(h.Sum(nil), total)
		for i, w := range left {
			if at < w {
				out = append(out, i)
				total -= w
				left[i] = 0
				break
			}
			at -= w
		}
	}
	return out
}

// modulo is a big-endian number modulo n. Of 256 bits the bias is below 2^-190 for any weights that a job can have.
func modulo(number []byte, n uint64) (rest uint64) {
	for ; len(number) > 0; number = number[8:] {
		_, rest = bits.Div64(rest, binary.BigEndian.Uint64(number), n)
	}
	return rest
}

// Draw ranks a job's candidates as validators of a receipt: the first Policy.Validators of them are its jury, and each one that is
// replaced is followed by the next. The consumer and the provider are never among them.
func Draw(seed msg.Hash, spec *msg.JobSpec, receipt *msg.Receipt) []msg.Account {
	return draw(seed, spec, receipt, "draw", nil)
}

func draw(seed msg.Hash, spec *msg.JobSpec, receipt *msg.Receipt, label string, without []msg.Account) []msg.Account {
	weights := make([]uint64, len(spec.Policy.Candidates))
	for i, c := range spec.Policy.Candidates {
		if c.Account == spec.Consumer || c.Account == receipt.Provider || slices.Contains(without, c.Account) {
			continue
		}
		weights[i] = uint64(c.Weight)
		if c.Device != "" && receipt.Device != "" && c.Device != receipt.Device {
			weights[i] *= OtherDevice
		}
	}
	var out []msg.Account
	for _, i := range Ranked(seed, label, weights, len(weights)) {
		out = append(out, spec.Policy.Candidates[i].Account)
	}
	return out
}

// Jury is who judges a receipt: as many as the policy asks for, in the order of the draw, where those that are out were replaced by the
// next. It is shorter where there are no more candidates.
func Jury(seed msg.Hash, spec *msg.JobSpec, receipt *msg.Receipt, out func(msg.Account) bool) []msg.Account {
	var jury []msg.Account
	for _, a := range Draw(seed, spec, receipt) {
		if len(jury) == int(spec.Policy.Validators) {
			break
		}
		if out == nil || !out(a) {
			jury = append(jury, a)
		}
	}
	return jury
}

// Bench is the jury, and as many again behind it: who stands in where a juror's verdict was proven wrong. Nobody else may be asked for
// verdicts, or dispute.
func Bench(seed msg.Hash, spec *msg.JobSpec, receipt *msg.Receipt, out func(msg.Account) bool) []msg.Account {
	twice := *spec
	twice.Policy.Validators = uint32(min(2*uint64(spec.Policy.Validators), msg.MaxCandidates))
	return Jury(seed, &twice, receipt, out)
}

// Witnesses is who sees whether parties do what they owe: at most MaxWitnesses, none of them the consumer, the provider or a party, and
// none of the first jury while there are others. Before the seed of a job is known (rpc.DutyReveal) its hash is taken for it.
func Witnesses(seed msg.Hash, spec *msg.JobSpec, receipt *msg.Receipt, parties ...msg.Account) []msg.Account {
	jury := Jury(seed, spec, receipt, nil)
	rank := draw(seed, spec, receipt, "witnesses", parties)
	var out, judging []msg.Account
	for _, a := range rank {
		if slices.Contains(jury, a) {
			judging = append(judging, a)
		} else {
			out = append(out, a)
		}
	}
	out = append(out, judging...)
	return out[:min(len(out), MaxWitnesses)]
}

// Majority is how many of n witnesses have to say the same. Of none, no number is enough.
func Majority(n int) int { return n/2 + 1 }

// Deal gives the intervals that no juror draws by itself out among the jury, as evenly as can be: what a provider that is not trusted
// yet is checked by, whole. The lists are by juror, each ascending.
func Deal(seed msg.Hash, jury []msg.Account, n uint64, ppm uint32) map[msg.Account][]uint64 {
	out := map[msg.Account][]uint64{}
	if len(jury) == 0 {
		return out
	}
	drawn := map[uint64]bool{}
	for _, a := range jury {
		for _, i := range Sample(seed, a, n, ppm) {
			drawn[i] = true
		}
	}
	h := sha256.Sum256(append([]byte("gwrun deal 1\x00"), seed[:]...))
	next := modulo(h[:], uint64(len(jury)))
	for i := range n {
		if !drawn[i] {
			a := jury[next%uint64(len(jury))]
			out[a] = append(out[a], i)
			next++
		}
	}
	return out
}

// maxAbsences is how many absences are looked at: more than there can be of one receipt's duties in any honest course.
const maxAbsences = 4 * msg.MaxCandidates

// About is what an absence is about: absences of several witnesses that are about one thing count together.
func About(a *rpc.Absence) rpc.Absence {
	return rpc.Absence{Job: a.Job, Receipt: a.Receipt, Who: a.Who, Duty: a.Duty, Interval: a.Interval, Before: a.Before, Other: a.Other}
}

// Attested gives what a majority of the witnesses that were drawn say was not done (About). Whatever is not a well-formed absence of
// this receipt, signed by a witness drawn for it, counts as nothing. For rpc.DutyReveal seed may be anything. Whether
// Other of a dispute's move is its other party is for whoever knows the dispute.
func Attested(seed msg.Hash, spec *msg.JobSpec, receipt *msg.Receipt, absences []identity.Signed) []rpc.Absence {
	job, hash := msg.HashOf(*spec), msg.HashOf(*receipt)
	absences = absences[:min(len(absences), maxAbsences)]
	said := map[rpc.Absence][]msg.Account{}
	var order []rpc.Absence
	for _, signed := range absences {
		var a rpc.Absence
		by, err := signed.Open(&a)
		if err != nil || a.Version != 1 || a.Job != job || a.Receipt != hash || a.Since <= 0 || a.Until-a.Since < int64(spec.Policy.Clock) {
			continue
		}
		if a.Duty != rpc.DutyMove && (a.Other != msg.Account{} || a.Before != msg.Hash{}) || a.Duty != rpc.DutyState && a.Duty != rpc.DutyChallenge && a.Interval != 0 {
			continue // whoever is named for nothing would be no witness
		}
		about := About(&a)
		if slices.Contains(said[about], by) || !slices.Contains(WitnessesOf(seed, spec, receipt, &a), by) {
			continue
		}
		if said[about] == nil {
			order = append(order, about)
		}
		said[about] = append(said[about], by)
	}
	var out []rpc.Absence
	for _, about := range order {
		if len(said[about]) >= Majority(len(WitnessesOf(seed, spec, receipt, &about))) {
			out = append(out, about)
		}
	}
	return out
}

// WitnessesOf is who was drawn to attest an absence.
func WitnessesOf(seed msg.Hash, spec *msg.JobSpec, receipt *msg.Receipt, a *rpc.Absence) []msg.Account {
	if a.Duty == rpc.DutyReveal {
		// The consumer knows them as soon as the provider has the job, and the provider cannot choose them by its receipt.
		seed, receipt = a.Job, &msg.Receipt{Provider: receipt.Provider}
	}
	return Witnesses(seed, spec, receipt, a.Who, a.Other)
}
