package consumer

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// journal is what a consumer has of its jobs on the disk. A job's signed intervals are in records of their own, each written once: rewriting
// all of them with each new one would cost the square of a long job's length. (Submissions of earlier versions have them inside; they stay
// there, and what comes behind them is written like all others.)
type journal struct {
	jobs      store.Journal // of Submission, by job
	intervals store.Journal // of []identity.Signed, by job and the index of the first
}

// together is how many intervals that are known at once one record has at most: those that a job takes over from another.
const together = 4096

// intervalsKey is where the intervals of a job from one on are.
func intervalsKey(job msg.Hash, first int) msg.Hash {
	h := sha256.New()
	h.Write([]byte("gwrun consumer intervals\x00"))
	h.Write(job[:])
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(first))
	h.Write(b[:])
	return msg.Hash(h.Sum(nil))
}

// head gives a submission without the intervals that are in records of their own. It can be written again.
func (j journal) head(job msg.Hash) (*Submission, error) {
	s := new(Submission)
	if err := j.jobs.Get(job, s); err != nil {
		return nil, err
	}
	s.inline = len(s.Intervals)
	s.written = s.inline
	return s, nil
}

// load gives a submission whole.
func (j journal) load(job msg.Hash) (*Submission, error) {
	s, err := j.head(job)
	if err != nil {
		return nil, err
	}
	_, err = j.walk(job, s.inline, func(more []identity.Signed) { s.Intervals = append(s.Intervals, more...) })
	s.written = len(s.Intervals)
	return s, err
}

// walk goes through a job's intervals from one on, and gives the keys of their records.
func (j journal) walk(job msg.Hash, first int, f func([]identity.Signed)) (keys []msg.Hash, _ error) {
	for {
		key := intervalsKey(job, first)
		var more []identity.Signed
		err := j.intervals.Get(key, &more)
		if errors.Is(err, store.ErrNotFound) || err == nil && len(more) == 0 {
			return keys, nil
		}
		if err != nil {
			return keys, err
		}
		keys = append(keys, key)
		first += len(more)
		f(more)
	}
}

// writeIntervals writes those of a submission's intervals that the journal does not have. A record is there or not, whenever this node is
// killed; what is missing its provider tells again.
func (j journal) writeIntervals(job msg.Hash, s *Submission) error {
	for s.written < len(s.Intervals) {
		more := s.Intervals[s.written:min(len(s.Intervals), s.written+together)]
		if err := j.intervals.Put(intervalsKey(job, s.written), more); err != nil {
			return err
		}
		s.written += len(more)
	}
	return nil
}

// write writes a submission. The intervals come first, since what is said of them is true of those that are there.
func (j journal) write(job msg.Hash, s *Submission) error {
	if err := j.writeIntervals(job, s); err != nil {
		return err
	}
	head := *s
	head.Intervals = s.Intervals[:s.inline:s.inline]
	if head.Intervals == nil {
		head.Intervals = []identity.Signed{}
	}
	return j.jobs.Put(job, head)
}

// drop forgets a submission.
func (j journal) drop(job msg.Hash) error {
	s, err := j.head(job)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	keys, err := j.walk(job, s.inline, func([]identity.Signed) {})
	if err != nil {
		return err
	}
	// At once, and before what leads to them.
	if err := j.intervals.Delete(keys...); err != nil {
		return err
	}
	return j.jobs.Delete(job)
}
