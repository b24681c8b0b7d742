// Package witness sees for itself whether somebody does what it owes. Where a party is said to be silent, its accuser's word counts for
// nothing: witnesses that were drawn like the validators ask the party themselves, at the place that it has announced, for as long as its
// clock runs. What it gives them they pass on; if it gives nothing they sign that, and most of them together are a proof (rpc.Absence).
package witness

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// Party is somebody who owes something, as a witness reaches it (peer.Peer).
type Party interface {
	Validate(ctx context.Context, r rpc.ValidateRequest, each func(rpc.ValidateEvent) error) error
	Promise(ctx context.Context, job msg.Hash) (identity.Signed, error)
	Open(ctx context.Context, r rpc.OpenRequest) (rpc.Opened, error)
	Challenge(ctx context.Context, r rpc.ChallengeRequest) (identity.Signed, error)
	Move(ctx context.Context, d rpc.Dispute) (identity.Signed, error)
	Manifest(ctx context.Context, ref rpc.StateRef) ([]byte, error)
	FetchPages(ctx context.Context, into store.Store, owner string, pages []msg.Hash) error
}

// Config says how a witness works. Identity, Store and Reach are needed.
type Config struct {
	Identity *identity.Identity
	Store    store.Store
	// Reach gives an account as it is reached at an address.
	Reach func(addr string, account msg.Account) Party
	// MaxQuestions is how many are followed at once. Default 64.
	MaxQuestions int
	// Log takes messages for the operator. Default none.
	Log *slog.Logger
}

// Witness answers questions.
type Witness struct {
	cfg     Config
	reveals store.Journal // of identity.Signed (rpc.Reveal), by job
	words   store.Journal // of identity.Signed (rpc.Absence), by what they are about
	now     func() time.Time
	// maxReveals is the constant, but in tests.
	maxReveals int

	mu   sync.Mutex
	open map[msg.Hash]*answer // by what the question is about
	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup
}

// Left gives a consumer the records that a provider asks about its share of the beacon with. The consumer looks here as long as it has no
// receipt (it knows from the start who its witnesses are), so that the provider's question shows it to it.
func (w *Witness) Left(consumer msg.Account, job msg.Hash) *rpc.JobRecords {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range w.open {
		if q := a.about; q != nil && q.Duty == rpc.DutyReveal && q.claims.Job == job && q.Who == consumer {
			return &q.Records
		}
	}
	return nil
}

// answer is what a question has come to.
type answer struct {
	about *question
	done  chan struct{}
	ended time.Time
	rpc.WitnessAnswer
	err error
}

// patience is how long a request is kept waiting before its sender is told to ask again.
const patience = 10 * time.Second

// kept is how long an answer is kept for those who ask again.
const kept = 2 * time.Minute

// New makes a witness.
func New(cfg Config) (*Witness, error) {
	if cfg.Identity == nil || cfg.Store == nil || cfg.Reach == nil {
		return nil, errors.New("witness: needs an identity, a store and a way to reach parties")
	}
	if cfg.MaxQuestions <= 0 {
		cfg.MaxQuestions = 64
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	w := &Witness{cfg: cfg, reveals: cfg.Store.Journal("witness/reveals"), words: cfg.Store.Journal("witness/absences"), now: time.Now, maxReveals: maxReveals,
		open: map[msg.Hash]*answer{}}
	if err := w.tidy(); err != nil {
		return nil, err
	}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w, nil
}

// Close ends all waiting.
func (w *Witness) Close() {
	w.mu.Lock()
	w.stop()
	w.mu.Unlock()
	w.work.Wait()
}

// Serve answers on m.
func (w *Witness) Serve(m *transport.Mux) {
	transport.Handle(m, rpc.MethodWitness, func(ctx context.Context, _ msg.Account, r rpc.WitnessRequest) (rpc.WitnessAnswer, error) {
		a, err := w.Answer(ctx, r)
		return a, tell(err)
	})
	transport.Handle(m, rpc.MethodBring, func(_ context.Context, _ msg.Account, r rpc.RevealRequest) (rpc.Brought, error) {
		return rpc.Brought{}, tell(w.Bring(r.Reveal))
	})
	transport.Handle(m, rpc.MethodLeft, func(_ context.Context, who msg.Account, r rpc.JobRef) (rpc.Left, error) {
		return rpc.Left{Records: w.Left(who, r.Job)}, nil
	})
}

func tell(err error) error {
	switch {
	case errors.Is(err, ErrRefused):
		return transport.Errorf(transport.Forbidden, "%v", err)
	case errors.Is(err, ErrBusy):
		return transport.Errorf(transport.Busy, "%v", err)
	case errors.Is(err, identity.ErrSignature), errors.Is(err, msg.ErrDecode):
		return transport.Errorf(transport.BadRequest, "%v", err)
	}
	return err
}

// ErrBusy is wrapped where a witness has too many questions to follow.
var ErrBusy = errors.New("too many questions")

// maxReveals bounds the shares that are kept. The oldest make room: a provider that has not asked by then does not need them.
const maxReveals = 1 << 14

// Bring keeps a consumer's share of the beacon for a provider that says it did not get it. That it opens its commitment is checked when
// somebody asks, since only then there is the job.
func (w *Witness) Bring(signed identity.Signed) error {
	var r rpc.Reveal
	who, err := signed.Open(&r)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	keys, err := w.reveals.Keys()
	if err != nil {
		return err
	}
	if len(keys) >= w.maxReveals {
		if err := w.forget(keys); err != nil {
			return err
		}
	}
	return w.reveals.Put(revealKey(r.Job, who), brought{Reveal: signed, At: w.now().Unix()})
}

// forget removes the older half of the shares.
func (w *Witness) forget(keys []msg.Hash) error {
	at := make(map[msg.Hash]int64, len(keys))
	for _, k := range keys {
		var b brought
		if err := w.reveals.Get(k, &b); err != nil {
			return err
		}
		at[k] = b.At
	}
	slices.SortFunc(keys, func(a, b msg.Hash) int { return cmp.Compare(at[a], at[b]) })
	for _, k := range keys[:(len(keys)+1)/2] {
		if err := w.reveals.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// tidy removes words that nobody can need any more.
func (w *Witness) tidy() error {
	keys, err := w.words.Keys()
	if err != nil {
		return err
	}
	for _, k := range keys {
		var s identity.Signed
		var a rpc.Absence
		if err := w.words.Get(k, &s); err != nil {
			return err
		}
		if _, err := s.Open(&a); err == nil && w.now().Unix()-a.Until < int64(keptWords/time.Second) {
			continue
		}
		if err := w.words.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// keptWords is how long a witness remembers what it attested.
const keptWords = 30 * 24 * time.Hour

// brought is what the journal has of a share.
type brought struct {
	Reveal identity.Signed `cbor:"1,keyasint"`
	At     int64           `cbor:"2,keyasint"` // Unix seconds
}

// revealKey has the signer in it: a stranger's share takes no consumer's place.
func revealKey(job msg.Hash, who msg.Account) msg.Hash {
	return sha256.Sum256(slices.Concat([]byte("gwrun brought\x00"), job[:], who[:]))
}

func aboutKey(a *rpc.Absence) msg.Hash {
	b := settle.About(a)
	return sha256.Sum256(append([]byte("gwrun absence\x00"), msg.Encode(b)...))
}

// Answer gives what a party did for this node when it was asked, or this node's signed word that it did nothing; an empty answer while its
// clock still runs.
func (w *Witness) Answer(ctx context.Context, r rpc.WitnessRequest) (rpc.WitnessAnswer, error) {
	q, err := w.read(&r)
	if err != nil {
		return rpc.WitnessAnswer{}, err
	}
	key := aboutKey(&q.about)
	var word identity.Signed
	if err := w.words.Get(key, &word); err == nil {
		return rpc.WitnessAnswer{Absence: &word}, nil
	} else if !errors.Is(err, store.ErrNotFound) {
		return rpc.WitnessAnswer{}, err
	}
	a, err := w.follow(key, q)
	if err != nil {
		return rpc.WitnessAnswer{}, err
	}
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case <-a.done:
		return a.WitnessAnswer, a.err
	case <-wait.C:
		return rpc.WitnessAnswer{}, nil
	case <-ctx.Done():
		return rpc.WitnessAnswer{}, ctx.Err()
	}
}

// follow has a question followed, once for all who ask it.
func (w *Witness) follow(key msg.Hash, q *question) (*answer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	running := 0
	for k, a := range w.open {
		select {
		case <-a.done:
			if w.now().Sub(a.ended) > kept {
				delete(w.open, k)
			}
		default:
			running++
		}
	}
	if a := w.open[key]; a != nil {
		return a, nil
	}
	if running >= w.cfg.MaxQuestions {
		return nil, fmt.Errorf("%w: %d are being followed", ErrBusy, running)
	}
	a := &answer{about: q, done: make(chan struct{})}
	w.open[key] = a
	w.work.Go(func() {
		got, err := w.watch(w.ctx, key, q)
		w.mu.Lock()
		defer w.mu.Unlock()
		if err != nil || got == nil {
			a.err = err
			delete(w.open, key) // whoever asks again begins again
		} else {
			a.WitnessAnswer = *got
		}
		a.ended = w.now()
		close(a.done)
	})
	return a, nil
}

// watch asks the party until it answers or its clock has run out.
func (w *Witness) watch(ctx context.Context, key msg.Hash, q *question) (*rpc.WitnessAnswer, error) {
	began := w.now()
	got, err := w.ask(ctx, q)
	if got != nil || err != nil {
		return got, err
	}
	a := q.about
	a.Since, a.Until = began.Unix(), w.now().Unix()
	// Seconds are cut off at both ends: a clock of whole seconds has run out by them too, or the last one is waited for.
	if missing := int64(q.clock/time.Second) - (a.Until - a.Since); missing > 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Duration(missing) * time.Second):
		}
		a.Until = w.now().Unix()
	}
	word, err := w.cfg.Identity.Sign(a)
	if err != nil {
		return nil, err
	}
	w.cfg.Log.Info("witness: absent", "who", q.Who, "duty", q.Duty, "job", q.claims.Job)
	return &rpc.WitnessAnswer{Absence: &word}, w.words.Put(key, word)
}

// brought gives the share that a consumer has brought.
func (w *Witness) brought(q *question) (*rpc.WitnessAnswer, error) {
	var b brought
	if err := w.reveals.Get(revealKey(q.claims.Job, q.Who), &b); err != nil {
		return nil, err
	}
	var lie *claim.FalseReveal
	if _, err := claim.Secret(&q.claims.Spec, &b.Reveal); err != nil && !errors.As(err, &lie) {
		return nil, err
	}
	// One that does not open its commitment is given too: it is a proof.
	return &rpc.WitnessAnswer{Signed: &b.Reveal}, nil
}
