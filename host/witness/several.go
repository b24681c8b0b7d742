package witness

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// Teller is a witness, as it is reached (peer.Peer).
type Teller interface {
	Witness(ctx context.Context, r rpc.WitnessRequest) (rpc.WitnessAnswer, error)
}

// Testimony is what the witnesses of one thing came to: what the party gave one of them, or what most of them say of it.
type Testimony struct {
	// By is the witness that was given something, and Given what.
	By    msg.Account
	Given *rpc.WitnessAnswer
	// Absences are the words of most of the witnesses, where nobody was given anything.
	Absences []identity.Signed
}

// ErrNoWitness is wrapped where there are too few witnesses to say anything: then nobody is to blame.
var ErrNoWitness = errors.New("not enough witnesses")

// Drawn gives who would be asked about a question.
func Drawn(r *rpc.WitnessRequest) ([]msg.Account, error) {
	q, err := newQuestion(r)
	if err != nil {
		return nil, err
	}
	return q.witnesses, nil
}

// Ask asks all witnesses that were drawn, until one was given what is owed or most say that they were given nothing. reach gives a
// witness, nil where it is not known how.
func Ask(ctx context.Context, reach func(msg.Account) Teller, r rpc.WitnessRequest) (*Testimony, error) {
	q, err := newQuestion(&r)
	if err != nil {
		return nil, err
	}
	if len(q.witnesses) == 0 {
		return nil, fmt.Errorf("%w: none could be drawn", ErrNoWitness)
	}
	// They begin when they are asked; one that cannot be reached at first is late.
	ctx, cancel := context.WithTimeout(ctx, q.longest+max(q.clock, time.Minute))
	defer cancel()
	type reply struct {
		by  msg.Account
		a   rpc.WitnessAnswer
		err error
	}
	replies := make(chan reply, len(q.witnesses))
	for _, by := range q.witnesses {
		go func() {
			a, err := askOne(ctx, reach(by), r)
			replies <- reply{by, a, err}
		}()
	}
	t := &Testimony{}
	var faults []error
	for range q.witnesses {
		got := <-replies
		switch {
		case got.err != nil:
			faults = append(faults, fmt.Errorf("witness %s: %w", got.by, got.err))
			continue
		case got.a.Absence == nil:
			return &Testimony{By: got.by, Given: &got.a}, nil
		}
		var a rpc.Absence
		if err := got.a.Absence.OpenFrom(&a, got.by); err != nil || settle.About(&a) != settle.About(&q.about) {
			faults = append(faults, fmt.Errorf("witness %s attests something else (%v)", got.by, err))
			continue
		}
		t.Absences = append(t.Absences, *got.a.Absence)
		if len(t.Absences) >= settle.Majority(len(q.witnesses)) {
			return t, nil
		}
	}
	return nil, fmt.Errorf("%w: %d of %d, %d wanted: %w", ErrNoWitness, len(t.Absences), len(q.witnesses), settle.Majority(len(q.witnesses)), errors.Join(faults...))
}

// askOne asks one witness until it has an answer.
func askOne(ctx context.Context, w Teller, r rpc.WitnessRequest) (rpc.WitnessAnswer, error) {
	if w == nil {
		return rpc.WitnessAnswer{}, errors.New("it is not known where it is")
	}
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		a, err := w.Witness(ctx, r)
		if err == nil && (a.Absence != nil || a.Signed != nil || a.Opened != nil || a.State != nil) {
			return a, nil
		}
		if err == nil {
			continue // it is still waiting
		}
		if final(err) {
			return a, err
		}
		select {
		case <-ctx.Done():
			return a, errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}

// final tells whether a witness that is asked again would say the same.
func final(err error) bool {
	return errors.Is(err, ErrRefused) || transport.HasCode(err, transport.Forbidden) || transport.HasCode(err, transport.BadRequest) || transport.HasCode(err, transport.NotFound)
}
